use http_message::Headers;

use crate::WrongAnswer;
use crate::shown::shown_header;

/// What the answer has to say, known as soon as the request is written.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The only right `Sec-WebSocket-Accept`.
    pub(crate) accept: String,
    /// The subprotocols that were offered.
    pub(crate) subprotocols: Vec<String>,
}

impl Expected {
    /// Checks the headers of a 101, and gives the subprotocol that was chosen.
    pub(crate) fn check(&self, headers: &Headers) -> Result<Option<String>, WrongAnswer> {
        self.check_switch(headers)?;
        self.check_subprotocol(headers)?;
        let chosen = headers.get("Sec-WebSocket-Protocol");
        Ok(chosen.map(|name| String::from_utf8_lossy(name).into_owned()))
    }

    /// Checks that the server has changed to what was asked for, and to nothing else (RFC 6455,
    /// section 4.1, points 2 to 5).
    ///
    /// # Errors
    ///
    /// - [`WrongAnswer::Upgrade`]: `Upgrade` is not `websocket`, in any case, and nothing else.
    /// - [`WrongAnswer::Connection`]: `Connection` does not hold the token `upgrade`.
    /// - [`WrongAnswer::Accept`]: there is not exactly one `Sec-WebSocket-Accept`, the right one.
    /// - [`WrongAnswer::Extension`]: an extension is "in use" though none was offered.
    fn check_switch(&self, headers: &Headers) -> Result<(), WrongAnswer> {
        // ANCHOR: step_4_4
        let protocols: Vec<&[u8]> = headers.get_list("Upgrade").collect();
        if !matches!(protocols[..], [one] if one.eq_ignore_ascii_case(b"websocket")) {
            return Err(WrongAnswer::Upgrade { came: shown_header(headers, "Upgrade") });
        }
        if !headers.has_token("Connection", "upgrade") {
            return Err(WrongAnswer::Connection { came: shown_header(headers, "Connection") });
        }
        if !headers.get_all("Sec-WebSocket-Accept").eq([self.accept.as_bytes()]) {
            let came = shown_header(headers, "Sec-WebSocket-Accept");
            return Err(WrongAnswer::Accept { expected: self.accept.clone(), came });
        }
        if headers.get("Sec-WebSocket-Extensions").is_some() {
            let came = shown_header(headers, "Sec-WebSocket-Extensions");
            return Err(WrongAnswer::Extension { came });
        }
        Ok(())
        // ANCHOR_END: step_4_4
    }

    /// Checks that the server has chosen one of the subprotocols that were offered, or none (point 6).
    ///
    /// # Errors
    ///
    /// [`WrongAnswer::Subprotocol`].
    fn check_subprotocol(&self, headers: &Headers) -> Result<(), WrongAnswer> {
        // ANCHOR: step_4_4_b
        let mut chosen = headers.get_all("Sec-WebSocket-Protocol");
        match (chosen.next(), chosen.next()) {
            (None, _) => Ok(()),
            (Some(one), None) if self.subprotocols.iter().any(|name| name.as_bytes() == one) => {
                Ok(())
            }
            _ => Err(WrongAnswer::Subprotocol {
                offered: self.subprotocols.join(", "),
                came: shown_header(headers, "Sec-WebSocket-Protocol"),
            }),
        }
        // ANCHOR_END: step_4_4_b
    }
}
