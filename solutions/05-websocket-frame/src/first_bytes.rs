/// The two bytes that every frame begins with, taken apart (RFC 6455, section 5.2).
///
/// # Format
///
/// ```text
/// F R R R O O O O   M L L L L L L L
/// │ └─┬─┘ └──┬──┘   │ └─────┬─────┘
/// │   │      │      │       └ length
/// │   │      │      └ masked
/// │   │      └ opcode
/// │   └ reserved
/// └ final
/// ```
///
/// The bits as they came: whether they may be so is for others to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstBytes {
    /// Whether this frame is the last one of its message.
    pub is_final: bool,
    /// Three bits that extensions may use: 0 when none was agreed.
    pub reserved: u8,
    /// Four bits: what kind of frame this is.
    pub opcode: u8,
    /// Whether a mask key follows.
    pub is_masked: bool,
    /// Seven bits: the length of the payload up to 125; 126 and 127 announce a longer form.
    pub length: u8,
}

impl FirstBytes {
    /// Takes the two bytes apart.
    #[must_use]
    pub fn parse([first, second]: [u8; 2]) -> Self {
        // ANCHOR: step_5_1
        Self {
            is_final: first & 0b1000_0000 != 0,
            reserved: (first & 0b0111_0000) >> 4,
            opcode: first & 0b0000_1111,
            is_masked: second & 0b1000_0000 != 0,
            length: second & 0b0111_1111,
        }
        // ANCHOR_END: step_5_1
    }

    /// Puts the two bytes together again.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 2] {
        // ANCHOR: step_5_1_b
        [
            u8::from(self.is_final) << 7 | self.reserved << 4 | self.opcode,
            u8::from(self.is_masked) << 7 | self.length,
        ]
        // ANCHOR_END: step_5_1_b
    }
}
