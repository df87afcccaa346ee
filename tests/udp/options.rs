//! What a socket is told, and groups of receivers.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use hanol::net::UdpSocket;

use crate::bound;

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 83, 1);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0x6861, 1);

#[hanol::test]
async fn options_are_set_and_told() -> io::Result<()> {
    let socket = bound().await;
    for on in [true, false] {
        socket.set_broadcast(on)?;
        socket.set_multicast_loop_v4(on)?;
        assert_eq!([socket.broadcast()?, socket.multicast_loop_v4()?], [on; 2]);
    }
    socket.set_ttl(9)?;
    socket.set_tos_v4(0x28)?;
    socket.set_multicast_ttl_v4(0)?;
    assert_eq!((socket.ttl()?, socket.tos_v4()?, socket.multicast_ttl_v4()?), (9, 0x28, 0));
    socket.set_send_buffer_size(20_000)?;
    socket.set_recv_buffer_size(30_000)?;
    assert!(socket.send_buffer_size()? >= 20_000 && socket.recv_buffer_size()? >= 30_000);
    socket.set_multicast_if_v4(Ipv4Addr::LOCALHOST)?;
    assert_eq!(socket.multicast_if_v4()?, Ipv4Addr::LOCALHOST);
    Ok(())
}

#[cfg(target_os = "linux")]
#[hanol::test]
async fn options_of_linux_are_set_and_told() -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).await?;
    for on in [true, false] {
        socket.set_multicast_loop_v6(on)?;
        assert_eq!(socket.multicast_loop_v6()?, on);
    }
    socket.set_tclass_v6(0x48)?;
    socket.set_multicast_hops_v6(3)?;
    assert_eq!((socket.tclass_v6()?, socket.multicast_hops_v6()?), (0x48, 3));
    socket.bind_device(Some(b"lo"))?;
    assert_eq!(socket.device()?.as_deref(), Some(&b"lo"[..]));
    socket.bind_device(None)?;
    assert_eq!(socket.device()?, None);
    socket.set_multicast_if_v6(1)?;
    assert_eq!(socket.multicast_if_v6()?, 1);
    Ok(())
}

#[hanol::test]
async fn values_out_of_range_are_invalid() {
    let socket = bound().await;
    for result in [
        socket.set_ttl(0),
        socket.set_ttl(256),
        socket.set_tos_v4(256),
        socket.set_multicast_ttl_v4(256),
        socket.set_multicast_hops_v6(256),
        socket.set_send_buffer_size(1 << 31),
        socket.set_recv_buffer_size(1 << 31),
        #[cfg(target_os = "linux")]
        socket.bind_device(Some(b"")),
        #[cfg(target_os = "linux")]
        socket.set_tclass_v6(256),
    ] {
        let error = result.expect_err("the value is out of range");
        assert_eq!((error.kind(), error.raw_os_error()), (ErrorKind::InvalidInput, None), "{error}");
    }
}

/// On the loopback interface, which needs no route to the world.
#[hanol::test]
async fn a_group_is_joined_and_left() -> io::Result<()> {
    let receiver = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    let target = SocketAddr::from((GROUP, receiver.local_addr()?.port()));
    let sender = bound().await;
    sender.set_multicast_if_v4(Ipv4Addr::LOCALHOST)?;
    receiver.join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)?;
    assert_eq!(receiver.join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST).unwrap_err().kind(), ErrorKind::AddrInUse);

    sender.send_to(b"all", target).await?;
    let mut buf = [0; 8];
    assert_eq!(receiver.recv_from(&mut buf).await?, (3, sender.local_addr()?));

    // Who has left does not hear.
    receiver.leave_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)?;
    sender.send_to(b"gone", target).await?;
    assert!(receiver.leave_multicast_v4(GROUP, Ipv4Addr::LOCALHOST).is_err());
    receiver.join_multicast_v4(GROUP, Ipv4Addr::LOCALHOST)?;
    sender.send_to(b"back", target).await?;
    assert_eq!(receiver.recv(&mut buf).await?, 4);
    assert_eq!(&buf[..4], b"back");
    assert!(receiver.join_multicast_v4(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST).is_err());
    Ok(())
}

/// Where IPv6 multicast has no route on the loopback interface nothing can be sent there, but Linux lists who has joined.
#[cfg(target_os = "linux")]
#[hanol::test]
async fn a_group_of_ipv6_is_joined_and_left() -> io::Result<()> {
    const LOOPBACK: u32 = 1;
    let hexadecimal: String = GROUP_V6.octets().iter().map(|byte| format!("{byte:02x}")).collect();
    let is_joined = || std::fs::read_to_string("/proc/net/igmp6").map(|groups| groups.contains(&hexadecimal));

    let receiver = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await?;
    assert!(!is_joined()?);
    receiver.join_multicast_v6(&GROUP_V6, LOOPBACK)?;
    assert!(is_joined()?);
    receiver.leave_multicast_v6(&GROUP_V6, LOOPBACK)?;
    assert!(!is_joined()?);
    assert!(receiver.leave_multicast_v6(&GROUP_V6, LOOPBACK).is_err());
    assert!(receiver.join_multicast_v6(&Ipv6Addr::LOCALHOST, LOOPBACK).is_err());
    Ok(())
}

#[hanol::test]
async fn everybody_is_sent_a_broadcast() -> io::Result<()> {
    let everybody = IpAddr::from(Ipv4Addr::new(127, 255, 255, 255));
    let receiver = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    let sender = bound().await;
    sender.set_broadcast(true)?;
    sender.send_to(b"all", (everybody, receiver.local_addr()?.port())).await?;
    assert_eq!(receiver.recv_from(&mut [0; 8]).await?, (3, sender.local_addr()?));
    Ok(())
}
