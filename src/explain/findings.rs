//! Findings on a page: what both pages of `explain` end with.

use crate::finding::Finding;
use crate::page::{Kind, Line, Sheet};

/// Findings with their rules, `indent` columns in.
pub(super) fn list(findings: &[Finding], indent: usize, page: &mut Sheet) {
    for finding in findings {
        let code = finding.code;
        let line = Line::new().padded(indent);
        let line = line.with(code.severity(), code.severity().name());
        page.line(line.plain(format!(" {code} ({})", code.rule())));
        page.paragraph(Kind::Plain, &finding.text, indent + 2);
    }
}
