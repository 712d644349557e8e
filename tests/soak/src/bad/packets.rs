//! Packets of Socket.IO that are none.

use std::io;

use rand::RngExt;
use serde_json::json;

use super::{Mischief, Outcome, msgpack};
use crate::client::Client;

const MALFORMED: &[&str] = &[
    "4",
    "47",
    "49",
    "4abc",
    "42",
    "42{}",
    "42[]",
    "42[",
    "42[1]",
    "42[null]",
    "42[\"echo\"",
    "42[\"echo\",]",
    "42[\"echo\"]x",
    "42abc[\"echo\"]",
    "42-1[\"echo\"]",
    "42/",
    "42/a",
    "42[\"connect\"]",
    "42[\"disconnect\"]",
    "4299999999999999999999999[\"ask\"]",
    "43",
    "43[]",
    "431",
    "431{}",
    "43abc[]",
    "44",
    "44{\"message\":\"x\"}",
    "45",
    "45-",
    "45[\"echo\"]",
    "451",
    "45x-[\"echo\"]",
    "4599999999999-[\"echo\"]",
    "4511-[\"echo\"]",
    "450-[\"echo\"]",
    "461-",
    "46-1[]",
    "40{",
    "40[]",
    "40\"x\"",
    "40/guarded,5",
    "41x",
    "42[\"echo\",\"\u{0}\"]",
    "42[\"echo\",1e999]",
    "42[\"echo\",\"\\ud800\"]",
    "42[\"echo\",\"\\x\"]",
    "",
    "x",
    "b",
    "b4",
    "7",
];

const VALID: &[&str] = &[
    "40",
    "40/house-1,",
    "40/guarded,{\"token\":\"sesame\"}",
    "41",
    "41/other,",
    "42[\"echo\",1,{\"a\":[true]}]",
    "4212[\"ask\",\"é\"]",
    "42/other,7[\"add\",1,2]",
    "430[\"x\"]",
    "451-[\"bytes\",{\"number\":1,\"bytes\":{\"_placeholder\":true,\"num\":0}}]",
    "461-3[{\"_placeholder\":true,\"num\":0}]",
];

pub(super) async fn malformed(it: &mut Mischief) -> Outcome {
    let mut client = it.enter_or_open().await?;
    client.say(it.choose(MALFORMED)).await?;
    it.leave_client(client).await
}

/// A few bytes of a good packet are others, or gone, or there twice.
pub(super) async fn mutated(it: &mut Mischief) -> Outcome {
    let mut client = it.enter_or_open().await?;
    for _ in 0..it.rng.random_range(1..10) {
        if it.json {
            let text = it.choose(VALID).as_bytes().to_vec();
            let text = mutate(it, text);
            client.say(&String::from_utf8_lossy(&text)).await?;
        } else {
            let kind = it.rng.random_range(0..6);
            let packet =
                json!({ "type": kind, "nsp": "/", "data": ["ask", 1, { "a": [true] }], "id": 3 });
            let bytes = mutate(it, msgpack(&packet));
            client.say_bytes(&bytes).await?;
        }
    }
    it.leave_client(client).await
}

/// Too few, too many, in front, or with something between them.
pub(super) async fn attachments(it: &mut Mischief) -> Outcome {
    let mut client = it.enter_or_open().await?;
    let two = r#"452-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
    for _ in 0..it.rng.random_range(1..8) {
        match it.rng.random_range(0..4) {
            0 => client.say(two).await?,
            1 => client.say_bytes(&it.some_bytes(1_000)).await?,
            2 => client.say("42[\"echo\",1]").await?,
            _ => client.say("42[\"echo\",{\"_placeholder\":true,\"num\":0}]").await?,
        }
    }
    it.leave_client(client).await
}

pub(super) async fn placeholders(it: &mut Mischief) -> Outcome {
    let mut client = it.enter_or_open().await?;
    let number = it.choose(&[
        "1",
        "9",
        "-1",
        "0.5",
        "1e3",
        "18446744073709551616",
        "\"0\"",
        "null",
        "{}",
        "4294967296",
    ]);
    let event = it.choose(&["echo", "ask", "bytes", "any"]);
    client.say(&format!(r#"451-["{event}",{{"_placeholder":true,"num":{number}}}]"#)).await?;
    client.say_bytes(b"x").await?;
    it.leave_client(client).await
}

pub(super) async fn deep(it: &mut Mischief) -> Outcome {
    let mut client = it.enter_or_open().await?;
    let depth = it.choose(&[10, 127, 128, 129, 1_000, 40_000]);
    let event = it.choose(&["echo", "ask", "any", "bytes", "data"]);
    if it.json {
        let (open, close) = it.choose(&[("[", "]"), ("{\"a\":", "}")]);
        let depth = depth.min(90_000 / (open.len() + close.len()));
        let (before, behind) = (open.repeat(depth), close.repeat(depth));
        client.say(&format!("421[\"{event}\",{before}1{behind}]")).await?;
    } else {
        // `type`, `nsp` and `data`: the name, and arrays of one element in each other.
        let mut bytes = msgpack(&json!({ "type": 2, "nsp": "/", "data": 0 }));
        bytes.pop();
        bytes.extend([0x92, 0xa0 | event.len() as u8]);
        bytes.extend(event.as_bytes());
        bytes.extend(vec![0x91; depth]);
        bytes.push(1);
        client.say_bytes(&bytes).await?;
    }
    it.leave_client(client).await
}

fn mutate(it: &mut Mischief, mut bytes: Vec<u8>) -> Vec<u8> {
    for _ in 0..it.rng.random_range(1..4) {
        if bytes.is_empty() {
            return bytes;
        }
        let at = it.rng.random_range(0..bytes.len());
        match it.rng.random_range(0..5) {
            0 => bytes[at] = it.rng.random(),
            1 => bytes[at] = it.choose(b"0123456789[]{},\"-/\\ntfe"),
            2 => bytes.truncate(at),
            3 => drop(bytes.remove(at)),
            _ => bytes.extend_from_within(at..),
        }
    }
    bytes
}

impl Mischief {
    async fn enter_or_open(&mut self) -> io::Result<Client> {
        if self.rng.random_bool(0.8) { self.enter().await } else { self.open().await }
    }
}
