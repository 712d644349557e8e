//! The picture of the whole road, for the introduction.

use course::map::Course;

use crate::words::Words;

/// The road.
pub fn figure(_course: &Course, words: &Words) -> String {
    format!("<p>{}</p>", words.road)
}
