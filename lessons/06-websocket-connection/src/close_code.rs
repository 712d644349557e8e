use std::fmt;

use crate::Fault;

/// Why a connection is closed, as a number that may travel (RFC 6455, section 7.4).
///
/// 1005, 1006 and 1015 may not: they are what an application is told when no code came, and no
/// value of this type holds one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CloseCode(u16);

impl CloseCode {
    /// All was said.
    pub const NORMAL: Self = Self(1000);
    /// The server stops, or the page is left.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// A kind of message that the application does not take.
    pub const UNSUPPORTED: Self = Self(1003);
    /// A text that is not UTF-8.
    pub const INVALID_TEXT: Self = Self(1007);
    /// What the peer did is not allowed, and no other code says it.
    pub const POLICY: Self = Self(1008);
    /// A message is too long.
    pub const TOO_LARGE: Self = Self(1009);
    /// The server failed.
    pub const INTERNAL_ERROR: Self = Self(1011);

    /// Reads a code, from the wire or from an application.
    ///
    /// # Errors
    ///
    /// [`Fault::CloseCode`] for a number that no close frame may carry. 1000 to 1014 have a meaning,
    /// but for 1004, 1005 and 1006; 3000 to 3999 are registered by libraries, 4000 to 4999 are the
    /// application's.
    pub fn new(code: u16) -> Result<Self, Fault> {
        // TODO step 6.4: The close handshake
        //
        // Until now whoever closes gets no answer: the TCP connection ends, and the peer cannot
        // tell that from a cable that was pulled. `CloseCode::new` takes only numbers that may
        // travel. `parse` reads a payload: empty, or a code of two bytes and a reason in UTF-8; one
        // byte alone is half a code. `close` is our own close: say it once, and wait for the answer
        // until `close_timeout` is over. `take_close` is the peer's: if we have not closed yet, it
        // is answered with what came (`Closure::ByPeer`); if we have, it is the answer
        // (`Closure::ByUs`). Then both have closed, and `leave` decides who ends the TCP
        // connection: a server at once, a client waits for it in the state `Leaving`, for
        // `close_timeout` from the moment at which the close `came`. (RFC 6455, sections 5.5.1, 7.1
        // and 7.4)
        //
        // Stuck? cargo course hint 6.4
        Ok(Self(code))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
