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
    // TODO step 4.2: Change the protocol
    //
    // First `switch`, the answer that changes the protocol: the status 101, `Upgrade: websocket`,
    // `Connection: Upgrade`, the answer to the key as `Sec-WebSocket-Accept`, and, if a subprotocol
    // was chosen, `Sec-WebSocket-Protocol` with its name. Then `choose`: the server's names stand
    // in `spoken`, the best first; the client's offers come in one header or several, each a list
    // (`get_list` of lesson 01). The first that is in both is chosen, its letters exactly as they
    // are. When there is none, none is chosen, and the connection opens all the same. (RFC 6455,
    // sections 4.2.2 and 1.9)
    //
    // Stuck? cargo course hint 4.2
    todo!("step 4.2: Change the protocol (cargo course hint 4.2)")
}

/// The first of the server's subprotocols, the best first, that is also among the client's offers.
/// Names are compared with regard to case: a client takes only a name that it has offered.
fn choose(spoken: &[String], headers: &Headers) -> Option<String> {
    // TODO step 4.2, continued: see `switch` in src/accept.rs
    todo!("step 4.2: Change the protocol (cargo course hint 4.2)")
}
