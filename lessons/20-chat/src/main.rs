//! The chat, on a port of this machine.
//!
//!     cargo run -p lesson-20-chat
//!     cargo run -p lesson-20-chat -- --port 4020 --admin-token open-sesame

use std::process::ExitCode;

use hyper::body::Bytes;
use lesson_20_chat::{Chat, Limits, Options, Page, Secret};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        Ok(options) => match run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(problem) => {
                eprintln!("{problem}");
                ExitCode::FAILURE
            }
        },
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
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
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| {
        format!("expected port {port} to be free, came: {error}; choose another with --port")
    })?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let token = options.admin_token.unwrap_or_else(random_token);
    let chat = Chat::new(Limits::default(), Secret::new(&token));
    chat.serve(listener, page, async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)\nthe token of the desk: {token}");
        });
        println!("stopping");
    })
    .await;
    println!("stopped");
    Ok(())
}

/// As many bits as nobody guesses.
fn random_token() -> String {
    format!("{:032x}", rand::random::<u128>())
}
