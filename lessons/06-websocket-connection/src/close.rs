use std::fmt;

use thiserror::Error;

use crate::{CloseCode, Fault};

/// What a close frame says.
///
/// # Format
///
/// ```text
/// │ code │ reason …            │
/// │  2   │ at most 123, UTF-8  │
/// ```
///
/// The code's higher byte comes first. A payload may also be empty; that is `None` here, not a
/// `Close`. RFC 6455, section 5.5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    code: CloseCode,
    reason: String,
}

/// The application gave a reason that does not fit into a close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a reason of at most {max} bytes, came {came}; shorten it", max = Close::MAX_REASON)]
pub struct LongReason {
    came: usize,
}

impl Close {
    /// How long a reason may be, in bytes: a control frame carries 125, and the code takes two.
    pub const MAX_REASON: usize = 123;

    /// A code, and words for whoever reads the log.
    ///
    /// # Errors
    ///
    /// When the reason is longer than [`MAX_REASON`](Self::MAX_REASON).
    pub fn new(code: CloseCode, reason: &str) -> Result<Self, LongReason> {
        if reason.len() > Self::MAX_REASON {
            return Err(LongReason { came: reason.len() });
        }
        Ok(Self { code, reason: reason.to_owned() })
    }

    /// What is said to a peer that broke the protocol.
    pub(crate) fn about(fault: &Fault) -> Self {
        let text = fault.to_string();
        let fits = text.floor_char_boundary(Self::MAX_REASON);
        Self { code: fault.close_code(), reason: text[..fits].to_owned() }
    }

    /// Reads the payload of a close frame.
    ///
    /// # Errors
    ///
    /// [`Fault::HalfCloseCode`], [`Fault::CloseCode`], and [`Fault::CloseReason`] for a reason that is
    /// not UTF-8.
    pub(crate) fn parse(payload: &[u8]) -> Result<Option<Self>, Fault> {
        // TODO step 6.4, continued: see `CloseCode::new` in src/close_code.rs
        Ok(None)
    }

    pub(crate) fn to_payload(&self) -> Vec<u8> {
        [&self.code.number().to_be_bytes(), self.reason.as_bytes()].concat()
    }

    /// Why.
    #[must_use]
    pub fn code(&self) -> CloseCode {
        self.code
    }

    /// In words; it may be empty.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// `1000`, or `1001: the server stops`.
impl fmt::Display for Close {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colon = if self.reason.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.code, self.reason)
    }
}
