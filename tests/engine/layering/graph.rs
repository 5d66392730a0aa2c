//! Files, the modules they are, and which uses which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::source::{Place, Source};

/// The files of a crate by the path of their module; the crate itself is the empty path.
pub(crate) struct Files(BTreeMap<Vec<String>, (String, Source)>);

impl Files {
    pub(crate) fn read(src: &Path) -> Self {
        let mut found = Vec::new();
        gather(src, src, &mut found);
        let texts: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        Self::of(&texts)
    }

    /// From names below `src` and texts.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let module = |name: &str| -> Vec<String> {
            let name = name.trim_end_matches(".rs");
            let parts = name
                .split('/')
                .filter(|part| !["mod", "lib"].contains(part));
            parts.map(str::to_owned).collect()
        };
        let file =
            |(name, text): &(&str, &str)| (module(name), ((*name).to_owned(), Source::read(text)));
        let mut all: BTreeMap<_, _> = files.iter().map(file).collect();
        // Modules that only tests have are not reached.
        let mut kept = BTreeMap::new();
        let mut next = vec![Vec::new()];
        while let Some(module) = next.pop() {
            if let Some((name, source)) = all.remove(&module) {
                let children = source.modules.iter();
                next.extend(
                    children.map(|child| [&module[..], std::slice::from_ref(child)].concat()),
                );
                kept.insert(module, (name, source));
            }
        }
        Self(kept)
    }

    /// The names of the files, those left out that only tests have.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|(name, _)| name.as_str())
    }

    /// Which file uses which.
    pub(crate) fn uses(&self) -> BTreeSet<(String, String)> {
        let mut uses = BTreeSet::new();
        for (module, (name, source)) in &self.0 {
            let mut note = |place: &Place| {
                if let Some(used) = self.definer(module, place, 0)
                    && used != module
                {
                    uses.insert((name.clone(), self.0[used].0.clone()));
                }
            };
            for import in &source.imports {
                // What is only passed on is not used.
                if !import.is_public {
                    note(&import.place);
                }
            }
            source.paths.iter().for_each(&mut note);
        }
        uses
    }

    /// The module whose file defines what `place` names in the file of `module`.
    fn definer(&self, module: &[String], place: &Place, depth: usize) -> Option<&Vec<String>> {
        // Two globs may name each other.
        if depth > 16 {
            return None;
        }
        let mut inside = place.inside.clone();
        let mut at: Vec<String> = module.to_vec();
        let mut rest = place.path.as_slice();
        let mut is_absolute = false;
        while let [first, more @ ..] = rest {
            match first.as_str() {
                "crate" => (at, inside) = (Vec::new(), Vec::new()),
                "self" => {}
                "super" if inside.pop().is_some() => {}
                "super" => drop(at.pop()),
                _ => break,
            }
            // Alone, `self` is a value.
            is_absolute = is_absolute || first != "self" || !more.is_empty();
            rest = more;
        }
        if is_absolute && !inside.is_empty() {
            return self.0.get_key_value(&at).map(|(module, _)| module);
        }
        self.walk(&at, rest, is_absolute, depth)
    }

    /// Follows `path` from the module `at`. What no module here knows belongs to another crate,
    /// unless the path is said to begin here.
    fn walk(
        &self,
        at: &[String],
        path: &[String],
        is_absolute: bool,
        depth: usize,
    ) -> Option<&Vec<String>> {
        let (module, (_, source)) = self.0.get_key_value(at)?;
        let [first, rest @ ..] = path else {
            return is_absolute.then_some(module);
        };
        let child = [at, std::slice::from_ref(first)].concat();
        if self.0.contains_key(&child) && (is_absolute || !rest.is_empty()) {
            return self.walk(&child, rest, true, depth);
        }
        if source.defined.contains(first) {
            return is_absolute.then_some(module);
        }
        let imports = || {
            source
                .imports
                .iter()
                .filter(|import| import.place.inside.is_empty())
        };
        let named = imports().find(|import| import.name.as_ref() == Some(first));
        if let Some(import) = named {
            if import.place.path.first() == Some(first) && import.place.path.len() == 1 {
                return None;
            }
            let path = [import.place.path.as_slice(), rest].concat();
            let place = Place {
                inside: Vec::new(),
                path,
            };
            return self.definer(at, &place, depth + 1);
        }
        for glob in imports().filter(|import| import.name.is_none()) {
            let path = [glob.place.path.as_slice(), path].concat();
            let place = Place {
                inside: Vec::new(),
                path,
            };
            let found = self.definer(at, &place, depth + 1);
            if let Some(found) = found.filter(|module| self.0[*module].1.defined.contains(first)) {
                return Some(found);
            }
        }
        is_absolute.then_some(module)
    }
}

fn gather(folder: &Path, src: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, src, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path
                .strip_prefix(src)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            into.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The uses inside each group of files in which each reaches each other.
pub(crate) fn circles(uses: &BTreeSet<(String, String)>) -> Vec<Vec<(String, String)>> {
    let mut used_by = BTreeMap::<&String, Vec<&String>>::new();
    for (user, used) in uses {
        used_by.entry(user).or_default().push(used);
    }
    let reached = |from: &String| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(file) = next.pop() {
            for used in used_by.get(file).into_iter().flatten() {
                if reached.insert((*used).clone()) {
                    next.push(used);
                }
            }
        }
        reached
    };
    let files: BTreeSet<&String> = uses.iter().flat_map(|(a, b)| [a, b]).collect();
    let all: BTreeMap<&String, BTreeSet<String>> =
        files.iter().map(|file| (*file, reached(file))).collect();
    let mut groups = BTreeSet::new();
    for file in files {
        let group: BTreeSet<&String> = all[file]
            .iter()
            .filter(|other| all[other].contains(file))
            .collect();
        if !group.is_empty() {
            groups.insert(group);
        }
    }
    let within = |group: &BTreeSet<&String>| {
        let within = uses
            .iter()
            .filter(|(a, b)| group.contains(a) && group.contains(b));
        within.cloned().collect()
    };
    groups.iter().map(within).collect()
}
