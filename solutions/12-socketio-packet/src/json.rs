//! JSON in which bytes are places: `{"_placeholder":true,"num":0}` stands for the first attachment.

mod read;
mod write;

pub(crate) use read::WithAttachments;
pub(crate) use write::to_json;
