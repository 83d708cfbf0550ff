//! An animation as H.264, which ffmpeg makes from the pictures that it is fed.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use image::RgbaImage;

use super::FramePacking;
use crate::export::ExportError;
use crate::export::folder::Unfinished;

/// Looked for where the system looks for programs.
pub(super) const PROGRAM: &str = "ffmpeg";
/// Even sides, and the colours of high-definition television, which is what players take such files for.
const FILTER: &str = "crop=trunc(iw/2)*2:trunc(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p";
/// As good as the eye asks for; the picture decides how large that is.
const QUALITY: &str = "18";
/// Bytes of what the program said that are kept: its last words.
const LAST_WORDS: usize = 2000;

/// How long a program that went wrong may take to say why.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether one of `folders`, as the system lists them, has the program.
pub(super) fn is_installed(folders: Option<&OsStr>) -> bool {
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    folders.is_some_and(|folders| std::env::split_paths(folders).any(|folder| folder.join(&name).is_file()))
}

/// An ffmpeg at work on a file with a temporary name.
pub(super) struct Mp4File {
    child: Child,
    words: Option<JoinHandle<String>>,
    /// `None` once it has its name.
    unfinished: Option<Unfinished>,
    target: PathBuf,
    program: String,
}

impl Mp4File {
    pub fn create(
        target: &Path,
        [width, height]: [u32; 2],
        fps: u32,
        packing: Option<FramePacking>,
        program: &OsStr,
    ) -> Result<Self, ExportError> {
        let write = |source| ExportError::Write { path: target.to_owned(), source };
        let unfinished = Unfinished::create(target).map_err(write)?;
        // An absolute path cannot be taken for an option or a protocol.
        let file = std::path::absolute(&unfinished.path).map_err(write)?;
        let mut command = Command::new(program);
        command.args(["-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pixel_format", "rgba"]);
        command.args(["-video_size", &format!("{width}x{height}"), "-framerate", &fps.to_string(), "-i", "pipe:0"]);
        command.args(["-an", "-vf", FILTER, "-c:v", "libx264", "-crf", QUALITY, "-colorspace", "bt709"]);
        command.args(["-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]);
        if let Some(packing) = packing {
            command.args(["-x264-params", &format!("frame-packing={}", packing.number())]);
        }
        command.args(["-movflags", "+faststart", "-f", "mp4"]).arg(file);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let program = program.to_string_lossy().into_owned();
        let mut child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => ExportError::EncoderMissing { program: program.clone() },
            _ => ExportError::Encoder { program: program.clone(), path: target.to_owned(), reason: error.to_string() },
        })?;
        let stderr = child.stderr.take();
        let mut mp4 = Self { child, words: None, unfinished: Some(unfinished), target: target.to_owned(), program };
        // Somebody has to listen, or the program would wait for it for ever.
        let listener = std::thread::Builder::new().name("ffmpeg's words".into()).spawn(move || last_words(stderr));
        mp4.words = Some(listener.map_err(write)?);
        Ok(mp4)
    }

    pub fn add(&mut self, frame: &RgbaImage) -> Result<(), ExportError> {
        let written = match &mut self.child.stdin {
            Some(stdin) => stdin.write_all(frame.as_raw()),
            None => Err(io::Error::from(ErrorKind::BrokenPipe)),
        };
        written.map_err(|error| self.failed(&error.to_string()))
    }

    pub fn finish(mut self) -> Result<(), ExportError> {
        // The end of its input is the end of the film.
        drop(self.child.stdin.take());
        match self.child.wait() {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(self.failed(&status.to_string())),
            Err(error) => return Err(self.failed(&error.to_string())),
        }
        let bytes =
            self.unfinished.as_ref().and_then(|unfinished| unfinished.path.metadata().ok()).map_or(0, |m| m.len());
        match self.unfinished.take() {
            Some(unfinished) if bytes > 0 => {
                let renamed = unfinished.rename_to(&self.target);
                renamed.map_err(|source| ExportError::Write { path: self.target.clone(), source })
            }
            _ => Err(self.failed("it wrote nothing")),
        }
    }

    /// Its own words where it left some, else `what`.
    fn failed(&mut self, what: &str) -> ExportError {
        drop(self.child.stdin.take());
        let until = Instant::now() + PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.stop();
        let words = self.words.take().and_then(|words| words.join().ok()).unwrap_or_default();
        let reason = if words.trim().is_empty() { what.to_owned() } else { words.trim().to_owned() };
        ExportError::Encoder { program: self.program.clone(), path: self.target.clone(), reason }
    }

    /// After this the program is gone and has let go of its file. One that has already ended is no error.
    fn stop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Mp4File {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The end of what the program says, once it has said it all.
fn last_words(stderr: Option<ChildStderr>) -> String {
    let (mut words, mut chunk) = (Vec::new(), [0; 4096]);
    if let Some(mut stderr) = stderr {
        while let Ok(count @ 1..) = stderr.read(&mut chunk) {
            words.extend_from_slice(&chunk[..count]);
            words.drain(..words.len().saturating_sub(LAST_WORDS));
        }
    }
    String::from_utf8_lossy(&words).into_owned()
}
