//! A server that prints each packet that a Socket.IO client sends, and its own. It lets everybody into
//! every namespace, and answers whoever asks for an answer with what they sent.
//!
//! ```console
//! $ cargo run -p socketio-packet --example inspector
//! $ npm install socket.io-client
//! $ node -e 'require("socket.io-client")("http://127.0.0.1:4012").emit("hello", "you")'
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use engineio_server::{Connection, Cors, Server};
use socketio_packet::{
    EncodedPacket, Json, Message, Namespace, Outgoing, Packet, Parser, Reassembly,
};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

const PARSER: Json = Json::new(socketio_packet::MAX_ATTACHMENTS);

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = port().unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(2);
    });
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    let server = Server::builder()
        .path("/socket.io/")
        .cors(Cors::any())
        .shutdown_timeout(Duration::from_secs(2))
        .build();
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        server.shutdown().await;
    };
    join!(stop, server.serve(listener, inspect));
    Ok(())
}

/// One connection.
async fn inspect(mut connection: Connection) {
    let name = connection.sid().as_str()[..4].to_owned(); // all of it is a secret
    println!("{name}    opens on {}", connection.transport());
    if let Err(problem) = converse(&name, &mut connection).await {
        println!("{name} ✕  {problem}");
    }
    connection.close();
    connection.flush().await;
    println!("{name}    is gone");
}

async fn converse(name: &str, connection: &mut Connection) -> Result<(), Box<dyn Error>> {
    let mut reassembly = Reassembly::default();
    while let Some(message) = connection.next().await {
        println!("{name} →  {}", shown(&message));
        let Some(packet) = PARSER.decode(message, &mut reassembly)? else { continue };
        let Some(answer) = answer(packet)? else { continue };
        for message in answer.messages() {
            println!("{name}  ← {}", shown(&message));
        }
        for message in answer.encoded_messages() {
            connection.send(message)?;
        }
    }
    Ok(())
}

/// What there is to answer, if anything.
fn answer(packet: Packet) -> Result<Option<EncodedPacket>, Box<dyn Error>> {
    match packet {
        Packet::Connect { nsp, .. } => Ok(Some(welcome(&nsp)?)),
        Packet::Event { nsp, ack: Some(id), args, .. } => {
            Ok(Some(EncodedPacket::ack(&PARSER, &nsp, id, args)?))
        }
        _ => Ok(None),
    }
}

/// Lets a client in. Its id should be one of a kind; nobody here asks for it.
fn welcome(nsp: &Namespace) -> Result<EncodedPacket, Box<dyn Error>> {
    let data = BTreeMap::from([("sid", "you")]);
    Ok(PARSER.encode(&Outgoing::Connect { nsp, data: Some(&data) })?)
}

fn shown(message: &Message) -> String {
    match message {
        Message::Text(text) => text.to_string(),
        Message::Binary(bytes) => format!("{} bytes", bytes.len()),
    }
}

/// What follows `--port`; 4012 without it.
fn port() -> Result<u16, String> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(4012),
        (Some("--port"), Some(port)) => {
            port.parse().map_err(|_| format!("expected a port after --port, came {port:?}"))
        }
        (Some(came), _) => Err(format!("expected --port and a number, came {came:?}")),
    }
}
