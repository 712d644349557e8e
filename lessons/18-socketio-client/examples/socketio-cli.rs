//! A client in the terminal: it shows what comes, and what becomes of its connection. Stop the server, type on, and
//! start it again.
//!
//!     cargo run -p lesson-18-socketio-client --example socketio-cli -- http://localhost:3000
//!     cargo run -p lesson-18-socketio-client --example socketio-cli -- http://localhost:3000 /admin '{"token":"…"}'
//!
//! A line is an event's name, and its arguments as JSON: `message "hello", 1`. With a `?` before it, it is a call. The
//! end of the input (Ctrl-D) closes the connection.

use std::error::Error;
use std::process::ExitCode;

use lesson_18_socketio_client::{Args, Client, ConnectError, DisconnectReason, Event, Socket};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (url, nsp, auth) = match &arguments[..] {
        [url] => (url, "/", "{}"),
        [url, nsp] => (url, &**nsp, "{}"),
        [url, nsp, auth] => (url, &**nsp, &**auth),
        _ => {
            eprintln!("socketio-cli URL [NAMESPACE [AUTH]]");
            return ExitCode::FAILURE;
        }
    };
    match talk(url, nsp, auth).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn talk(url: &str, nsp: &str, auth: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::builder(url).on_problem(|problem| println!("! {problem}")).build()?;
    let socket = client.of(nsp);
    socket.auth(serde_json::from_str::<Value>(auth)?)?;
    show(&socket);
    socket.open();

    let mut events = client.events();
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        tokio::select! {
            Some(event) = events.next() => println!("* {event}"),
            line = lines.next_line() => match line? {
                Some(line) => say(&socket, line.trim()),
                None => break,
            },
        }
    }
    client.close().await;
    Ok(())
}

fn show(socket: &Socket) {
    socket
        .on_connect(async |socket: Socket| println!("* connected: {:?}", *socket.state().borrow()))
        .on_connect_error(async |_: Socket, error: ConnectError| {
            if let ConnectError::Refused(_) = error {
                println!("* {error}"); // any other is the connection's, and told already
            }
        })
        .on_disconnect(async |_: Socket, reason: DisconnectReason| println!("* {reason}"))
        .on_any(async |_: Socket, Event { name, args }: Event| {
            match args.decode::<Args<Vec<Value>>>() {
                Ok(Args(args)) => println!("{name} {}", Value::from(args)),
                Err(error) => println!("{name}: {error}"),
            }
        });
}

/// `name`, or `name 1, "two"`, or `? name …`.
fn say(socket: &Socket, line: &str) {
    let question = line.strip_prefix('?').map(str::trim_start);
    let said = question.unwrap_or(line);
    let (name, args) = said.split_once(' ').unwrap_or((said, ""));
    let args = match serde_json::from_str::<Vec<Value>>(&format!("[{args}]")) {
        Ok(args) => Args(args),
        Err(error) => return println!("! expected a name and JSON after it: {error}"),
    };
    if question.is_none() {
        socket.emit(name, args);
        return;
    }
    let call = socket.call::<Args<Vec<Value>>>(name, args);
    tokio::spawn(async move {
        match call.await {
            Ok(Args(answer)) => println!("= {}", Value::from(answer)),
            Err(error) => println!("! {error}"),
        }
    });
}
