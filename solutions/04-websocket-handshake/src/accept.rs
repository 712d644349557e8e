use http_message::{Headers, InvalidHeader, Request, Response, Status};

use crate::strict::{refuse_other_version, refuse_what_is_no_upgrade, the_one};
use crate::{Key, Policy, Refusal};

/// The protocol changes. Send the response; what comes and goes after it are frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The 101, to be sent as it is.
    pub response: Response,
    /// What the frames carry, if server and client agreed on a name for it.
    pub subprotocol: Option<String>,
}

/// Answers the request of a client that wants a WebSocket (RFC 6455, section 4.2).
///
/// Which target is a WebSocket, and who may use it, the caller decides before or after. Extensions
/// that the client offers are declined, and a server declines by not naming them.
///
/// # Errors
///
/// When the request has to be refused: send [`Refusal::to_response`] and close the connection.
pub fn accept(request: &Request, policy: &Policy) -> Result<Acceptance, Refusal> {
    refuse_what_is_no_upgrade(request)?;
    refuse_other_version(&request.headers)?;
    policy.origins.check(&request.headers)?;
    let key = Key::parse(the_one("Sec-WebSocket-Key", &request.headers)?)?;
    let subprotocol = choose(&policy.subprotocols, &request.headers);
    let response = switch(&key, subprotocol.as_deref())
        .expect("base64 breaks no line, and the subprotocol has come in one");
    Ok(Acceptance { response, subprotocol })
}

/// The answer that changes the protocol (RFC 6455, section 4.2.2, step 5).
fn switch(key: &Key, subprotocol: Option<&str>) -> Result<Response, InvalidHeader> {
    // ANCHOR: step_4_2
    let response = Response::new(Status::SWITCHING_PROTOCOLS)
        .with_header("Upgrade", "websocket")?
        .with_header("Connection", "Upgrade")?
        .with_header("Sec-WebSocket-Accept", &key.accept())?;
    match subprotocol {
        Some(chosen) => response.with_header("Sec-WebSocket-Protocol", chosen),
        None => Ok(response),
    }
    // ANCHOR_END: step_4_2
}

/// The first of the server's subprotocols, the best first, that is also among the client's offers.
/// Names are compared with regard to case: a client takes only a name that it has offered.
fn choose(spoken: &[String], headers: &Headers) -> Option<String> {
    // ANCHOR: step_4_2_b
    let offered: Vec<&[u8]> = headers.get_list("Sec-WebSocket-Protocol").collect();
    spoken.iter().find(|name| offered.contains(&name.as_bytes())).cloned()
    // ANCHOR_END: step_4_2_b
}
