//! Commands on the connection and on the server itself.

use std::fmt::Write;

use super::{Call, Command, Outcome, unknown_subcommand};
use crate::failure::{Failure, SYNTAX};
use crate::glob;
use crate::request::MAX_BULK;

/// The version of Redis whose answers this server gives.
const REDIS_VERSION: &str = "7.0.15";

pub(super) const COMMANDS: &[Command] = &[
    Command::new("ping", -1, ping).while_subscribed(),
    Command::new("echo", 2, echo),
    Command::new("quit", -1, quit).while_subscribed(),
    Command::new("command", -1, command),
    Command::new("config", -2, config),
    Command::new("info", -1, info),
    Command::new("dbsize", 1, dbsize),
    Command::new("flushall", -1, flushall),
];

fn ping(call: &mut Call<'_>) -> Outcome {
    if call.request.len() > 2 {
        return Err(Failure::wrong_arity("ping"));
    }
    let text = call.request.get(1);
    if call.session.subscriptions() > 0 {
        // Among messages, the answer has the shape of a message.
        call.reply.bulks([b"pong", text.unwrap_or_default()].into_iter());
        return Ok(());
    }
    match text {
        Some(text) => call.reply.bulk(text),
        None => call.reply.simple("PONG"),
    }
    Ok(())
}

fn echo(call: &mut Call<'_>) -> Outcome {
    call.reply.bulk(call.request.arg(1));
    Ok(())
}

fn quit(call: &mut Call<'_>) -> Outcome {
    call.session.close();
    call.reply.simple("OK");
    Ok(())
}

/// Describes the commands, as far as clients use it to get going: without documentation and key specifications.
fn command(call: &mut Call<'_>) -> Outcome {
    let Some(subcommand) = call.request.get(1) else {
        let commands = call.table.commands.values();
        call.reply.array(commands.len());
        for command in commands {
            describe(call, command);
        }
        return Ok(());
    };
    match subcommand.to_ascii_uppercase().as_slice() {
        b"COUNT" if call.request.len() == 2 => call.reply.count(call.table.commands.len()),
        b"COUNT" => return Err(Failure::wrong_arity("command|count")),
        b"DOCS" => call.reply.array(0),
        _ => return Err(unknown_subcommand(call)),
    }
    Ok(())
}

/// Name, arity, flags (none are told), first key, last key, step.
fn describe(call: &mut Call<'_>, command: &Command) {
    let (first, last, step) = command.keys;
    call.reply.array(6);
    call.reply.bulk(command.name.as_bytes());
    call.reply.integer(command.arity);
    call.reply.array(0);
    call.reply.integer(first);
    call.reply.integer(last);
    call.reply.integer(step);
}

fn config(call: &mut Call<'_>) -> Outcome {
    if !call.request.arg(1).eq_ignore_ascii_case(b"get") {
        return Err(unknown_subcommand(call));
    }
    if call.request.len() < 3 {
        return Err(Failure::wrong_arity("config|get"));
    }
    let settings = &call.facts.settings;
    let parameters = [
        ("appendonly", "no".to_owned()),
        ("client-query-buffer-limit", settings.query_buffer.to_string()),
        ("databases", "1".to_owned()),
        ("maxclients", settings.max_clients.to_string()),
        ("maxmemory", "0".to_owned()),
        ("proto-max-bulk-len", MAX_BULK.to_string()),
        ("save", String::new()),
    ];
    let found: Vec<_> =
        parameters.iter().filter_map(|(name, value)| Some((asked_name(call.request.from(2), name)?, value))).collect();
    call.reply.array(found.len() * 2);
    for (name, value) in found {
        call.reply.bulk(name);
        call.reply.bulk(value.as_bytes());
    }
    Ok(())
}

/// The name under which a parameter is answered, if one of the patterns asks for it. Who asks for it by its name gets
/// the name back as it was written in the request.
fn asked_name<'a>(mut patterns: impl Iterator<Item = &'a [u8]>, name: &'a str) -> Option<&'a [u8]> {
    patterns.find_map(|pattern| {
        if pattern.eq_ignore_ascii_case(name.as_bytes()) {
            return Some(pattern);
        }
        let matches = glob::matches(&pattern.to_ascii_lowercase(), name.as_bytes());
        matches.then_some(name.as_bytes())
    })
}

fn info(call: &mut Call<'_>) -> Outcome {
    let sections = [
        ("Server", server_section(call)),
        ("Clients", clients_section(call)),
        ("Stats", stats_section(call)),
        ("Keyspace", keyspace_section(call)),
    ];
    let wanted = |name: &str| {
        let mut names = call.request.from(1);
        let groups = [&b"all"[..], b"default", b"everything", name.as_bytes()];
        names.len() == 0 || names.any(|asked| groups.iter().any(|group| asked.eq_ignore_ascii_case(group)))
    };
    let mut text = String::new();
    for (name, lines) in sections.iter().filter(|(name, _)| wanted(name)) {
        if !text.is_empty() {
            text.push_str("\r\n");
        }
        write!(text, "# {name}\r\n{lines}").expect("a string takes any text");
    }
    call.reply.bulk(text.as_bytes());
    Ok(())
}

fn server_section(call: &Call<'_>) -> String {
    let uptime = call.facts.started.elapsed().as_secs();
    let process = std::process::id();
    format!(
        "redis_version:{REDIS_VERSION}\r\nredis_mode:standalone\r\nprocess_id:{process}\r\n\
         uptime_in_seconds:{uptime}\r\n"
    )
}

fn clients_section(call: &Call<'_>) -> String {
    let facts = call.facts;
    format!("connected_clients:{}\r\nmaxclients:{}\r\n", facts.clients, facts.settings.max_clients)
}

fn stats_section(call: &Call<'_>) -> String {
    let facts = call.facts;
    format!(
        "total_connections_received:{}\r\ntotal_commands_processed:{}\r\npubsub_channels:{}\r\n",
        facts.connections,
        facts.commands_processed,
        call.channels.len()
    )
}

fn keyspace_section(call: &Call<'_>) -> String {
    let keys = call.store.len();
    let expires = call.store.deadlines();
    if keys == 0 { String::new() } else { format!("db0:keys={keys},expires={expires},avg_ttl=0\r\n") }
}

fn dbsize(call: &mut Call<'_>) -> Outcome {
    call.reply.count(call.store.len());
    Ok(())
}

fn flushall(call: &mut Call<'_>) -> Outcome {
    let how = call.request.get(1).map(<[u8]>::to_ascii_lowercase);
    let known = matches!(how.as_deref(), None | Some(b"sync" | b"async"));
    if !known || call.request.len() > 2 {
        return Err(SYNTAX);
    }
    call.store.clear();
    call.reply.simple("OK");
    Ok(())
}
