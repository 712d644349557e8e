use http_message::Request;
use http_server::{Answer, Stream, Upgrade, Upgraded};
use websocket_handshake::{Policy, accept};

use crate::web_socket::now;
use crate::{Config, Connection, WebSocket};

/// Answers a request that is to become a WebSocket, on the server of lesson 02: with a 101, and then
/// `speak` has the connection, or with a refusal.
pub fn upgrade<F>(
    request: &Request,
    policy: &Policy,
    config: Config,
    speak: impl FnOnce(WebSocket<Box<dyn Stream>>) -> F + Send + 'static,
) -> Answer
where
    F: Future<Output = ()> + Send + 'static,
{
    let accepted = match accept(request, policy) {
        Ok(accepted) => accepted,
        Err(refusal) => return refusal.to_response().into(),
    };
    let subprotocol = accepted.subprotocol;
    let open = move |Upgraded { stream, early }| {
        let connection = Connection::server(config, now());
        speak(WebSocket::new(stream, early, connection).with_subprotocol(subprotocol))
    };
    Answer::Upgrade(Upgrade::new(accepted.response, open))
}
