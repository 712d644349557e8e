//! Follows every link of the built book to its file and its fragment. Links to other sites are not
//! followed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use percent_encoding::percent_decode_str;

/// A link that leads nowhere.
#[derive(Debug, PartialEq)]
pub struct Broken {
    /// The page, relative to the book, and its line.
    pub page: PathBuf,
    /// Counted from 1.
    pub line: u64,
    /// As the page wrote it.
    pub target: String,
    /// What was missed.
    pub missing: Missing,
}

/// What a link led to.
#[derive(Debug, PartialEq)]
pub enum Missing {
    /// There is no such file.
    File,
    /// The file has no element with that id.
    Fragment,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { page, line, target, missing } = self;
        let what = match missing {
            Missing::File => "a file",
            Missing::Fragment => "an element with that id",
        };
        write!(f, "{}:{line}: expected {what} at `{target}`, found none", page.display())
    }
}

/// Checks all pages below `book`.
///
/// # Errors
///
/// If a page cannot be read.
pub fn check(book: &Path) -> Result<Vec<Broken>> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![book.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html") {
                let page = Page::parse(&fs::read_to_string(&path)?);
                pages.insert(path.strip_prefix(book)?.to_owned(), page);
            }
        }
    }
    let broken = |(name, page): (&PathBuf, &Page)| {
        let follow = |link: &Link| {
            let missing = follow(book, &pages, name, &link.target)?;
            Some(Broken {
                page: name.clone(),
                line: link.line,
                target: link.target.clone(),
                missing,
            })
        };
        page.links.iter().filter_map(follow).collect::<Vec<_>>()
    };
    Ok(pages.iter().flat_map(broken).collect())
}

fn follow(
    book: &Path,
    pages: &BTreeMap<PathBuf, Page>,
    from: &Path,
    target: &str,
) -> Option<Missing> {
    if is_external(target) {
        return None;
    }
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = decoded(path.split('?').next().unwrap_or_default());
    let Some(file) = resolve(from, &path) else {
        return Some(Missing::File);
    };
    let file = if book.join(&file).is_dir() { file.join("index.html") } else { file };
    if !book.join(&file).is_file() {
        return Some(Missing::File);
    }
    let fragment = decoded(fragment);
    match pages.get(&file) {
        Some(page) if !fragment.is_empty() && !page.ids.contains(&fragment) => {
            Some(Missing::Fragment)
        }
        _ => None,
    }
}

/// Another site, or something that is no page at all, such as `mailto:`.
fn is_external(target: &str) -> bool {
    let scheme = target.split(['/', '#', '?']).next().unwrap_or_default();
    scheme.contains(':') || target.starts_with("//")
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The file that `path` names, relative to the book; none if it lies outside.
fn resolve(from: &Path, path: &str) -> Option<PathBuf> {
    if path.is_empty() {
        return Some(from.to_owned());
    }
    let (mut file, path) = match path.strip_prefix('/') {
        Some(path) => (PathBuf::new(), path),
        None => (from.parent().unwrap_or(Path::new("")).to_owned(), path),
    };
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => file.push(name),
            Component::CurDir => {}
            Component::ParentDir => file.pop().then_some(())?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(file)
}

#[derive(Default)]
struct Page {
    ids: BTreeSet<String>,
    links: Vec<Link>,
}

struct Link {
    target: String,
    line: u64,
}

impl Page {
    fn parse(html: &str) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(html));
        let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
        while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&input) {}
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn tag(&mut self, tag: &Tag, line: u64) {
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match (&*tag.name, &*attribute.name.local) {
                (_, "id") | ("a", "name") => drop(self.ids.insert(value)),
                // It says where a page that is not found lies, and leads nowhere itself.
                ("base", "href") => {}
                (_, "href" | "src") => self.links.push(Link { target: value, line }),
                _ => {}
            }
        }
    }
}

#[derive(Default)]
struct Collector(RefCell<Page>);

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token
            && tag.kind == TagKind::StartTag
        {
            self.0.borrow_mut().tag(&tag, line);
            match &*tag.name {
                "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                _ => {}
            }
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(target: &str) -> Option<Missing> {
        let book = tempfile::tempdir().expect("a folder");
        let page =
            format!(r#"<p id="here"><a href="{target}">x</a><script>"<a href='no'>"</script>"#);
        fs::create_dir(book.path().join("part")).expect("a folder");
        fs::write(book.path().join("part/a.html"), page).expect("a page");
        fs::write(book.path().join("b.html"), "<h2 id='a b'>").expect("a page");
        let mut broken = check(book.path()).expect("pages");
        assert!(broken.len() < 2, "{broken:?}");
        broken.pop().map(|broken| broken.missing)
    }

    #[test]
    fn a_link_to_a_file_and_a_fragment_is_followed() {
        assert_eq!(broken("../b.html#a%20b"), None);
        assert_eq!(broken("#here"), None);
        assert_eq!(broken("https://example.com/no"), None);
        assert_eq!(broken("/b.html?x#"), None);
    }

    #[test]
    fn a_missing_file_is_found() {
        assert_eq!(broken("b.html"), Some(Missing::File));
        assert_eq!(broken("../../b.html"), Some(Missing::File));
    }

    #[test]
    fn a_missing_fragment_is_found() {
        assert_eq!(broken("../b.html#c"), Some(Missing::Fragment));
        assert_eq!(broken("#there"), Some(Missing::Fragment));
    }

    #[test]
    fn a_broken_link_is_told_with_its_place() {
        let broken = Broken {
            page: "a.html".into(),
            line: 3,
            target: "b.html#c".into(),
            missing: Missing::Fragment,
        };
        let told = "a.html:3: expected an element with that id at `b.html#c`, found none";
        assert_eq!(broken.to_string(), told);
    }
}
