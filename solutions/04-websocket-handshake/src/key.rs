use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use sha1::{Digest as _, Sha1};

use crate::Refusal;
use crate::shown::shown;

/// What every server appends to every key. It has no meaning; it is only known not to be the text of
/// any other protocol (RFC 6455, section 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Base64 with padding. 16 bytes leave four bits of the last letter unused. A client that sets them
/// is sloppy, yet nobody can misread its key: the text is hashed, not the bytes.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// What a client sends as `Sec-WebSocket-Key`: 16 random bytes, as text.
///
/// # Format
///
/// ```text
/// dGhlIHNhbXBsZSBub25jZQ==                                      the key: base64 of 16 bytes
/// dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11  the text, and the constant appended
/// b3 7a 4f 2c c0 62 4f 16 90 f6 46 06 cf 38 59 45 b2 be c4 ea   SHA-1 of that: 20 bytes
/// s3pPLMBiTxaQ9kYGzzhZRbK+xOo=                                  the answer: base64 of those
/// ```
///
/// RFC 6455, sections 1.3 and 4.2.2. Neither is a secret: both travel in the open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key that a client makes of 16 random bytes, new ones for each connection.
    #[must_use]
    pub fn from_bytes(random: [u8; 16]) -> Self {
        Self(BASE64.encode(random))
    }

    /// Reads the key that a client sent.
    ///
    /// # Errors
    ///
    /// [`Refusal::Key`]: a server needs "a |Sec-WebSocket-Key| header field with a base64-encoded […]
    /// value that, when decoded, is 16 bytes in length" (RFC 6455, section 4.2.1).
    pub fn parse(value: &[u8]) -> Result<Self, Refusal> {
        // ANCHOR: step_4_5_c
        let refusal = || Refusal::Key { came: shown(value) };
        let bytes = BASE64.decode(value).map_err(|_| refusal())?;
        if bytes.len() != 16 {
            return Err(refusal());
        }
        Ok(Self(String::from_utf8_lossy(value).into_owned()))
        // ANCHOR_END: step_4_5_c
    }

    /// What a server sends as `Sec-WebSocket-Accept`, to show that it has read this key and knows
    /// what a WebSocket is.
    #[must_use]
    pub fn accept(&self) -> String {
        // ANCHOR: step_4_1
        let hash = Sha1::new().chain_update(&self.0).chain_update(GUID).finalize();
        BASE64.encode(hash)
        // ANCHOR_END: step_4_1
    }
}

/// As the header has it.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
