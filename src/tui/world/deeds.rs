//! What is done outside of the state.
//!
//! Job: do what `update` asks for. Input: [`Effect`]s. Output: none; what comes of it later is an
//! action.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::World;
use crate::pipeline::Options;
use crate::tui::app::App;
use crate::tui::effect::Effect;
use crate::tui::index::{self, Again, Study};
use crate::tui::settings::Settings;
use crate::tui::shot;
use crate::tui::terminal::{self, Screen};
use crate::tui::update::Action;

impl World {
    /// How the captures are read again.
    fn reading(&self) -> (Again, Options, usize) {
        let Settings {
            options, threads, ..
        } = &self.settings;
        (self.again.clone(), options.clone(), *threads)
    }

    /// The one place where effects become deeds.
    pub(super) fn apply(
        &mut self,
        app: &mut App,
        effect: Effect,
        screen: &mut Screen,
    ) -> io::Result<()> {
        match effect {
            Effect::Make(wanted) => {
                if let Some(maker) = &self.maker {
                    maker.want(wanted);
                }
            }
            Effect::Fetch(wish) => self.fetcher.request(wish),
            Effect::Search(filter, number) => {
                // Who comes is asked before who is there is looked for, so that nobody is missed.
                if let Some(asked) = &self.loader.asked {
                    asked.set(number, Some(Arc::clone(&filter)));
                }
                let (again, options, threads) = self.reading();
                self.search = Some(index::matching(again, options, threads, filter));
            }
            Effect::StopSearch => {
                self.search = None;
                if let Some(asked) = &self.loader.asked {
                    asked.set(0, None);
                }
            }
            Effect::SavePackets(path) => self.save(path),
            Effect::Study(task) => {
                let (again, options, threads) = self.reading();
                self.study = Some(Study::start(again, options, threads, task));
            }
            Effect::StopStudy => self.study = None,
            Effect::Copy(bytes) => app.notice = Some(terminal::copy(&bytes)?),
            Effect::WriteBytes(path, bytes) => app.notice = Some(written(&path, &bytes)),
            Effect::WriteScreen(path) => {
                let picture = path.extension().is_some_and(|ext| ext == "svg");
                let screen = if picture {
                    shot::picture(app)
                } else {
                    shot::text(app)
                };
                app.notice = Some(written(&path, screen.as_bytes()));
            }
            Effect::WriteMessages(path, connection, filter) => {
                let (again, options, _) = self.reading();
                let said = self.said.0.clone();
                thread::spawn(move || {
                    let what = (connection, filter);
                    let text = match index::write_matching(&again, options, what, &path) {
                        Ok(lines) => format!("{lines} lines written to {}", path.display()),
                        Err(why) => why,
                    };
                    // The user may have left.
                    let _ = said.send(Action::Said(text));
                });
            }
            Effect::StopLoading => self.loader.pulse.stop(),
            Effect::Suspend => suspend(app, screen)?,
            Effect::Redraw => terminal::wipe(screen)?,
            Effect::Quit => self.leaving = true,
        }
        Ok(())
    }
}

/// Writes a new file; how that went.
fn written(path: &Path, bytes: &[u8]) -> String {
    let written = File::create_new(path).and_then(|mut file| file.write_all(bytes));
    match written {
        Ok(()) => format!("{} bytes written to {}", bytes.len(), path.display()),
        Err(error) => format!("{} cannot be written: {error}", path.display()),
    }
}

/// Stops the process as Ctrl-Z does in a shell, and takes the terminal again afterwards.
fn suspend(app: &mut App, screen: &mut Screen) -> io::Result<()> {
    terminal::restore();
    #[cfg(unix)]
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
    terminal::take()?;
    terminal::wipe(screen)?;
    let size = screen.size()?;
    app.size = (size.width, size.height);
    Ok(())
}
