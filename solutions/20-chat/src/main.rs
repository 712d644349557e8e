//! The chat, on a port of this machine.
//!
//!     cargo run -p chat -- --port 4020

use std::process::ExitCode;
use std::time::Duration;

use chat::{Bounds, Entry, Joined, Options, Page, Receipt, Welcome};
use hyper::body::Bytes;
use socketio::{Ack, Handshake, Refusal, Server, Socket};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> ExitCode {
    let run = async { run(Options::parse(std::env::args().skip(1))?).await };
    match run.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), String> {
    let client = options.client.map(|path| {
        let read = std::fs::read(&path).map(Bytes::from);
        read.map_err(|error| format!("expected a script at {}, came: {error}", path.display()))
    });
    let page = Page::new(client.transpose()?);
    let port = options.port;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.map_err(|error| {
        format!("expected port {port} to be free, came: {error}; choose another with --port")
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let io =
        Server::builder().engine(|engine| engine.shutdown_timeout(Duration::from_secs(2))).build();
    let guest = io.of("/").auth(async |_: Handshake, entry: Entry| Ok::<_, Refusal>(entry));
    guest.on_connect(async |socket: Socket<Entry>| {
        socket.emit(
            "welcome",
            Welcome {
                name: socket.user().name.clone(),
                epoch: "0".to_owned(),
                recovered: socket.is_recovered(),
                muted: 0,
                bounds: Bounds {
                    max_text: 4000,
                    max_file: 1_000_000,
                    max_name: 32,
                    max_rooms_each: 8,
                },
                rooms: Vec::new(),
            },
        );
    });
    guest.on("join", async |_: Socket<Entry>, join: chat::Join| {
        Ack(Joined {
            room: join.room,
            epoch: "0".to_owned(),
            last: 0,
            complete: true,
            messages: Vec::new(),
            people: Vec::new(),
        })
    });
    guest.on("say", async |_: Socket<Entry>, _: chat::Say| {
        Ack(Receipt { number: 1, at: 0, again: false })
    });
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        io.shutdown().await;
    };
    let pages = move |request| {
        let page = page.clone();
        async move { page.answer(&request) }
    };
    join!(stop, io.serve_beside(listener, pages));
    Ok(())
}
