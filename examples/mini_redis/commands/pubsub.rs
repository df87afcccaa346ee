//! Publish and subscribe.

use super::{Call, Command, Outcome};

pub(super) const COMMANDS: &[Command] = &[
    Command::new("publish", 3, publish),
    Command::new("subscribe", -2, subscribe).while_subscribed(),
    Command::new("unsubscribe", -1, unsubscribe).while_subscribed(),
];

fn publish(call: &mut Call<'_>) -> Outcome {
    let receivers = call.channels.publish(call.request.arg(1), call.request.arg(2));
    call.reply.count(receivers);
    Ok(())
}

fn subscribe(call: &mut Call<'_>) -> Outcome {
    for channel in call.request.from(1) {
        call.session.subscribe(call.channels, channel);
        confirm(call, "subscribe", Some(channel));
    }
    Ok(())
}

/// Leaves the channels that are named, or all if none is.
fn unsubscribe(call: &mut Call<'_>) -> Outcome {
    let named = call.request.from(1);
    if named.len() == 0 && call.session.subscriptions() == 0 {
        confirm(call, "unsubscribe", None);
        return Ok(());
    }
    if named.len() == 0 {
        while let Some(channel) = call.session.any_subscription() {
            leave(call, &channel);
        }
    }
    for channel in named {
        leave(call, channel);
    }
    Ok(())
}

fn leave(call: &mut Call<'_>, channel: &[u8]) {
    call.session.unsubscribe(call.channels, channel);
    confirm(call, "unsubscribe", Some(channel));
}

/// Tells the client how many channels it listens to now.
fn confirm(call: &mut Call<'_>, event: &str, channel: Option<&[u8]>) {
    call.reply.array(3);
    call.reply.bulk(event.as_bytes());
    call.reply.bulk_or_null(channel);
    call.reply.count(call.session.subscriptions());
}
