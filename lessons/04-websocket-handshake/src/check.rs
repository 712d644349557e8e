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
        // TODO step 4.4: Believe only the right answer
        //
        // Until now the client believes every 101. What `after_head` asks, `self.expected.check`,
        // asks two functions. `check_switch` wants `Upgrade` to be `websocket`, in any case, and
        // nothing else; the token `upgrade` in `Connection`; exactly one `Sec-WebSocket-Accept`,
        // which is `self.accept`, letter by letter; and no `Sec-WebSocket-Extensions`, for none was
        // offered. `check_subprotocol` wants no `Sec-WebSocket-Protocol`, or exactly one, which is
        // among the offers. The documentation above each names the errors, and `shown_header` makes
        // the text for `came`. (RFC 6455, section 4.1, points 2 to 6 of the answer)
        //
        // Stuck? cargo course hint 4.4
        Ok(())
    }

    /// Checks that the server has chosen one of the subprotocols that were offered, or none (point 6).
    ///
    /// # Errors
    ///
    /// [`WrongAnswer::Subprotocol`].
    fn check_subprotocol(&self, headers: &Headers) -> Result<(), WrongAnswer> {
        // TODO step 4.4, continued: see `Expected::check_switch` in src/check.rs
        Ok(())
    }
}
