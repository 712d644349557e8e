//! Each client asks, and each answer is followed by the next question.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Result, ensure};

use super::arrivals::Arrivals;
use super::connection::Connection;
use super::frames::{self, Opcode};
use super::template::{NUMBER, Template};
use super::{Clients, Tally};

const CLIENTS: usize = 50;
const ON_THEIR_WAY: u64 = 8;

const EVENT: usize = 128;
const ATTACHMENT: usize = 1024;

/// The frames of a question and of its answer. The last one of either has the number.
pub(super) struct Words {
    question: Vec<(Opcode, Template)>,
    answer: Vec<(Opcode, Template)>,
}

/// An argument that no other client sends, so long that the event has the length that is promised.
pub(super) fn argument(client: usize, length: usize) -> String {
    let argument = format!("{client:04}-{NUMBER}-");
    format!("{argument}{}", "x".repeat(length - argument.len()))
}

pub(super) fn echo(client: usize) -> Words {
    let event = || {
        let text = format!(r#"42["echo","{}"]"#, argument(client, EVENT));
        vec![(Opcode::Text, Template::new(&text))]
    };
    Words { question: event(), answer: event() }
}

pub(super) fn ack(client: usize) -> Words {
    let argument = argument(client, EVENT);
    let question = Template::new(&format!(r#"42{NUMBER}["ack","{argument}"]"#));
    let answer = Template::new(&format!(r#"43{NUMBER}["{argument}"]"#));
    Words { question: vec![(Opcode::Text, question)], answer: vec![(Opcode::Text, answer)] }
}

pub(super) fn binary(client: usize) -> Words {
    let event = || {
        let text = r#"451-["binary",{"_placeholder":true,"num":0}]"#;
        let attachment = argument(client, ATTACHMENT);
        vec![(Opcode::Text, Template::new(text)), (Opcode::Binary, Template::new(&attachment))]
    };
    Words { question: event(), answer: event() }
}

pub(super) async fn start(
    address: SocketAddr,
    tally: &Arc<Tally>,
    words: fn(usize) -> Words,
) -> Result<Clients> {
    let mut connections = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        connections.push(Connection::open(address).await?);
    }
    let talk = |(client, connection)| talk(connection, words(client), tally.clone());
    Ok(connections.into_iter().enumerate().map(talk).collect())
}

async fn talk(mut connection: Connection, words: Words, tally: Arc<Tally>) -> Result<()> {
    let mut arrivals = Arrivals::default();
    let mut asked = 0;
    loop {
        while asked < arrivals.count() + ON_THEIR_WAY && !tally.is_over() {
            ask(&mut connection, &words, asked);
            asked += 1;
        }
        if arrivals.count() == asked {
            return Ok(());
        }
        let number = answer(&mut connection, &words).await?;
        if !arrivals.arrive(number, asked)? {
            tally.out_of_order.fetch_add(1, Ordering::Relaxed);
        }
        tally.count(1);
    }
}

fn ask(connection: &mut Connection, words: &Words, number: u64) {
    for (opcode, template) in &words.question {
        frames::write_head(*opcode, template.len(), &mut connection.output);
        template.write(number, &mut connection.output);
    }
}

/// The number of the next answer.
async fn answer(connection: &mut Connection, words: &Words) -> Result<u64> {
    let mut number = 0;
    for (opcode, template) in &words.answer {
        let frame = connection.next().await?;
        ensure!(frame.opcode == *opcode, "expected {opcode:?}, came {:?}", frame.opcode);
        number = template.read(&frame.payload)?;
    }
    Ok(number)
}
