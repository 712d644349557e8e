use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::SystemTime;

use http_message::{Request, Response, Status};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::Connection;
use crate::exchange::Exchange;
use crate::{Answer, Handler, Upgraded};

/// Everything between a server and one client: requests are answered one after the other, in the
/// order in which they came, until one side ends it, or HTTP is over.
///
/// # Errors
///
/// When the client is gone, or does not read. There is nobody left to tell.
pub(crate) async fn converse<S>(
    mut connection: Connection<S>,
    handler: impl Handler,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    loop {
        let request = match connection.next_request().await {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(fault) => {
                let Some(response) = fault.to_response() else { return Ok(()) };
                connection.send(&dated(response).to_bytes()).await?;
                return connection.close().await;
            }
        };
        let mut exchange = Exchange::of(&request);
        let response = match answer(handler.clone(), request).await {
            Answer::Response(response) => response,
            Answer::Upgrade(upgrade) => {
                connection.send(&upgrade.response.to_bytes()).await?;
                let (stream, early) = connection.into_parts();
                (upgrade.speak)(Upgraded { stream: Box::new(stream), early }).await;
                return Ok(());
            }
        };
        if connection.is_stopping() {
            exchange.end();
        }
        connection.send(&exchange.answer(dated(response))).await?;
        if !exchange.goes_on() {
            return connection.close().await;
        }
    }
}

/// What the handler answers; if it panics, an answer that says so.
///
/// The panic stops here: left alone it would end the connection's task, and the client would see
/// the connection end without knowing why. It is no secret, for the panic hook has printed it.
async fn answer(handler: impl Handler, request: Request) -> Answer {
    // The call happens inside, since a handler may panic before it gives a future.
    let mut answer = pin!(async { handler.call(request).await });
    std::future::poll_fn(|context| {
        // The future is never polled again after a panic, so nobody sees what the panic broke.
        catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(context)))
            .unwrap_or_else(|_| Poll::Ready(handler_panicked().into()))
    })
    .await
}

/// The response, with the time unless the handler has set it: "An origin server with a clock MUST
/// generate a Date header field in all 2xx (Successful), 3xx (Redirection), and 4xx (Client Error)
/// responses, and MAY generate a Date header field in 1xx (Informational) and 5xx (Server Error)
/// responses" (RFC 9110, section 6.6.1).
fn dated(response: Response) -> Response {
    if response.headers().get("Date").is_some() {
        return response;
    }
    let now = httpdate::fmt_http_date(SystemTime::now());
    response.with_header("Date", &now).expect("a date breaks no line")
}

fn handler_panicked() -> Response {
    let text =
        "expected an answer from the handler, came a panic; the server's output says where\n";
    Response::text(Status::INTERNAL_SERVER_ERROR, text).closing()
}
