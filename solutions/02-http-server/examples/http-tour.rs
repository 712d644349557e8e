//! A few targets that show how a server treats its clients.
//!
//!     cargo run -p http-server --example http-tour
//!     curl -i http://127.0.0.1:4002/
//!     curl -i http://127.0.0.1:4002/slow     (an answer after five seconds)
//!     curl -i http://127.0.0.1:4002/broken   (a handler that panics)

use std::io::Result;
use std::time::Duration;

use http_message::{Request, Response, Status};
use http_server::{Config, Server};
use tokio::join;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:4002").await?;
    let address = listener.local_addr()?;
    let stop = async {
        // Ctrl+C first: whoever has read the line may press it.
        let (pressed, ()) = join!(biased; ctrl_c(), async {
            println!("listening on http://{address} (Ctrl+C stops)");
        });
        pressed.expect("Ctrl+C can be listened for");
        println!("stopping");
    };
    // Shorter than the defaults, for somebody who watches.
    let config = Config {
        idle_timeout: Duration::from_secs(10),
        request_deadline: Duration::from_secs(5),
        ..Config::default()
    };
    let report = Server::new(listener, guide, config).serve(stop).await;
    println!("{report:?}");
    Ok(())
}

async fn guide(request: Request) -> Response {
    println!("{} {}", request.method, request.target);
    match request.path() {
        "/" => Response::text(Status::OK, "hello from a task\n"),
        "/slow" => {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Response::text(Status::OK, "hello, five seconds later\n")
        }
        "/broken" => panic!("this handler is broken"),
        path => Response::text(Status::NOT_FOUND, format!("nothing is at {path}\n")),
    }
}
