//! The board, and how many wait for its news.
//!
//!     cargo run -p lesson-03-long-polling --example board
//!     curl -i --json '{"text":"lunch is here"}' http://127.0.0.1:4003/messages
//!     curl -i 'http://127.0.0.1:4003/messages?since=0'
//!
//! Another address can be given, as in `--example board -- 127.0.0.1:0`.

use std::sync::Arc;

use lesson_03_long_polling::{Board, Limits, serve};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:4003".to_owned());
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;

    let limits = Limits::default();
    let board = Arc::new(Board::new(&limits));
    tokio::spawn(report(Arc::clone(&board)));
    serve(listener, board, limits, async {
        // Ctrl+C first: whoever has read the line may press it.
        let _ = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        println!("stopping");
    })
    .await;
    println!("stopped");
    Ok(())
}

async fn report(board: Arc<Board>) {
    let mut waiting = board.waiting();
    let mut shown = 0;
    while let Ok(count) = waiting.wait_for(|count| *count != shown).await.map(|count| *count) {
        println!("waiting: {count}");
        shown = count;
    }
}
