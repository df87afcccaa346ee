//! Groups of receivers.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::socket::UdpSocket;
use crate::net::limits;

/// # Multicast
impl UdpSocket {
    /// Joins a multicast group of IPv4 on the interface that has the address `interface`; [`Ipv4Addr::UNSPECIFIED`] lets the
    /// system choose it.
    ///
    /// # Errors
    ///
    /// When the system refuses: the group is not a multicast address, or was joined there already.
    pub fn join_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.source().join_multicast_v4(&group, &interface)
    }

    /// Leaves a multicast group of IPv4 that was joined with the same arguments.
    ///
    /// # Errors
    ///
    /// When the system refuses: the group was not joined there.
    pub fn leave_multicast_v4(&self, group: Ipv4Addr, interface: Ipv4Addr) -> io::Result<()> {
        self.source().leave_multicast_v4(&group, &interface)
    }

    /// Joins a multicast group of IPv6 on the interface of that number; 0 lets the system choose it.
    ///
    /// # Errors
    ///
    /// When the system refuses: the group is not a multicast address, or was joined there already.
    pub fn join_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.source().join_multicast_v6(group, interface)
    }

    /// Leaves a multicast group of IPv6 that was joined with the same arguments.
    ///
    /// # Errors
    ///
    /// When the system refuses: the group was not joined there.
    pub fn leave_multicast_v6(&self, group: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.source().leave_multicast_v6(group, interface)
    }

    /// Whether this machine receives its own IPv4 multicast datagrams (`IP_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.source().multicast_loop_v4()
    }

    /// Whether this machine receives its own IPv4 multicast datagrams (`IP_MULTICAST_LOOP`): on Linux, the ones that this socket
    /// sends.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_multicast_loop_v4(&self, loops: bool) -> io::Result<()> {
        self.source().set_multicast_loop_v4(loops)
    }

    /// Whether this machine receives its own IPv6 multicast datagrams (`IPV6_MULTICAST_LOOP`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.source().multicast_loop_v6()
    }

    /// Whether this machine receives its own IPv6 multicast datagrams (`IPV6_MULTICAST_LOOP`): on Linux, the ones that this socket
    /// sends.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn set_multicast_loop_v6(&self, loops: bool) -> io::Result<()> {
        self.source().set_multicast_loop_v6(loops)
    }

    /// The time to live of IPv4 multicast datagrams (`IP_MULTICAST_TTL`), in hops.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.source().multicast_ttl_v4()
    }

    /// Sets the time to live of IPv4 multicast datagrams (`IP_MULTICAST_TTL`): from 0, which keeps them on this machine, to 255
    /// hops. The system begins with 1, which keeps them on the local network.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    pub fn set_multicast_ttl_v4(&self, hops: u32) -> io::Result<()> {
        self.source().set_multicast_ttl_v4(limits::multicast_hops(hops)?)
    }

    /// The hop limit of IPv6 multicast datagrams (`IPV6_MULTICAST_HOPS`).
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn multicast_hops_v6(&self) -> io::Result<u32> {
        self.option().multicast_hops_v6()
    }

    /// Sets the hop limit of IPv6 multicast datagrams (`IPV6_MULTICAST_HOPS`): from 0, which keeps them on this machine, to 255
    /// hops. The system begins with 1, which keeps them on the local network.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) above 255. Otherwise when the system refuses.
    pub fn set_multicast_hops_v6(&self, hops: u32) -> io::Result<()> {
        self.option().set_multicast_hops_v6(limits::multicast_hops(hops)?)
    }

    /// The address of the interface through which IPv4 multicast datagrams leave (`IP_MULTICAST_IF`);
    /// [`Ipv4Addr::UNSPECIFIED`] if the system chooses it.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn multicast_if_v4(&self) -> io::Result<Ipv4Addr> {
        self.option().multicast_if_v4()
    }

    /// Sets the interface through which IPv4 multicast datagrams leave (`IP_MULTICAST_IF`), by its address;
    /// [`Ipv4Addr::UNSPECIFIED`] lets the system choose it.
    ///
    /// # Errors
    ///
    /// When the system refuses: no interface has that address.
    pub fn set_multicast_if_v4(&self, interface: Ipv4Addr) -> io::Result<()> {
        self.option().set_multicast_if_v4(&interface)
    }

    /// The number of the interface through which IPv6 multicast datagrams leave (`IPV6_MULTICAST_IF`); 0 if the system chooses
    /// it.
    ///
    /// # Errors
    ///
    /// When the system cannot tell.
    pub fn multicast_if_v6(&self) -> io::Result<u32> {
        self.option().multicast_if_v6()
    }

    /// Sets the interface through which IPv6 multicast datagrams leave (`IPV6_MULTICAST_IF`), by its number; 0 lets the system
    /// choose it.
    ///
    /// # Errors
    ///
    /// When the system refuses: there is no such interface.
    pub fn set_multicast_if_v6(&self, interface: u32) -> io::Result<()> {
        self.option().set_multicast_if_v6(interface)
    }
}
