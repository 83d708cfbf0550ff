use std::fs;

use image::{AnimationDecoder, Rgba};

use super::*;

const SIZE: [u32; 2] = [20, 11];

fn picture(index: u32) -> RgbaImage {
    RgbaImage::from_fn(SIZE[0], SIZE[1], |x, _| match x {
        0..10 => Rgba([200, index as u8 * 40, 30, 255]),
        _ => Rgba([0; 4]),
    })
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("listing");
    let mut names: Vec<_> = entries.map(|e| e.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn endings_choose_the_format() {
    for (path, format) in [
        ("a/b.GIF", Some(AnimationFormat::Gif)),
        ("b.mp4", Some(AnimationFormat::Mp4)),
        ("frames", Some(AnimationFormat::PngFolder)),
        ("frames.v2/", Some(AnimationFormat::PngFolder)),
        ("a.png", None),
    ] {
        assert_eq!(AnimationFormat::of(Path::new(path)), format, "{path}");
    }
}

#[test]
fn the_encoder_is_looked_for_in_every_folder() {
    let (empty, full) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let program = format!("{}{}", mp4_file::PROGRAM, std::env::consts::EXE_SUFFIX);
    fs::write(full.path().join(program), b"").expect("written");
    let list = |folders: &[&Path]| std::env::join_paths(folders).expect("a list");
    assert!(!mp4_file::is_installed(None));
    assert!(!mp4_file::is_installed(Some(&list(&[empty.path()]))));
    assert!(mp4_file::is_installed(Some(&list(&[empty.path(), full.path()]))));
}

#[test]
fn a_folder_appears_when_it_is_whole() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let out = dir.path().join("film/");
    let mut writer = AnimationWriter::create(&out, AnimationFormat::PngFolder, SIZE, 10).expect("begun");
    for index in 0..3 {
        writer.add(picture(index)).expect("added");
        assert!(!out.exists());
    }
    assert_eq!(writer.frames(), 3);
    assert_eq!(writer.finish().expect("finished"), out);
    assert_eq!(names(&out), ["0000.png", "0001.png", "0002.png"]);
    assert_eq!(image::open(out.join("0002.png")).expect("a PNG").into_rgba8(), picture(2));
    assert_eq!(names(dir.path()), ["film"]);
    let again = AnimationWriter::create(&out, AnimationFormat::PngFolder, SIZE, 10);
    assert!(matches!(again.err(), Some(ExportError::FolderNotEmpty { .. })));
}

#[test]
fn a_gif_has_every_picture_its_time_and_its_holes() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let out = dir.path().join("film.gif");
    let mut writer = AnimationWriter::create(&out, AnimationFormat::Gif, SIZE, 20).expect("begun");
    (0..4).for_each(|index| writer.add(picture(index)).expect("added"));
    writer.finish().expect("finished");
    let file = std::io::BufReader::new(fs::File::open(&out).expect("there"));
    let decoder = image::codecs::gif::GifDecoder::new(file).expect("a GIF");
    let frames = decoder.into_frames().collect_frames().expect("frames");
    assert_eq!(frames.len(), 4);
    for (index, frame) in frames.iter().enumerate() {
        assert_eq!(frame.delay().numer_denom_ms(), (50, 1));
        assert_eq!(frame.buffer(), &picture(index as u32));
    }
    assert_eq!(names(dir.path()), ["film.gif"]);
}

#[test]
fn what_was_not_finished_leaves_nothing() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for (name, format) in [("film", AnimationFormat::PngFolder), ("film.gif", AnimationFormat::Gif)] {
        let begin = || AnimationWriter::create(&dir.path().join(name), format, SIZE, 10).expect("begun");
        let mut writer = begin();
        writer.add(picture(0)).expect("added");
        assert_eq!(names(dir.path()).len(), 1);
        drop(writer);
        assert!(names(dir.path()).is_empty(), "{name}");
        assert!(matches!(begin().finish(), Err(ExportError::NoFrames(_))));
        assert!(names(dir.path()).is_empty(), "{name}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let create = |format, size, fps| AnimationWriter::create(&dir.path().join("film"), format, size, fps).err();
    for error in [
        create(AnimationFormat::Gif, [70_000, 10], 10),
        create(AnimationFormat::Gif, SIZE, 60),
        create(AnimationFormat::Gif, [0, 10], 10),
        create(AnimationFormat::PngFolder, SIZE, 0),
        create(AnimationFormat::Mp4, [1, 10], 10),
    ] {
        assert!(matches!(error, Some(ExportError::AnimationLimit { .. })), "{error:?}");
    }
    let nameless = AnimationWriter::create(Path::new(".."), AnimationFormat::PngFolder, SIZE, 10).err();
    assert!(matches!(nameless, Some(ExportError::NoName(_))));
    let mut writer = AnimationWriter::create(&dir.path().join("film"), AnimationFormat::Gif, SIZE, 10).expect("begun");
    let error = writer.add(RgbaImage::new(3, 3)).err();
    assert!(matches!(error, Some(ExportError::FrameSize { expected: SIZE, actual: [3, 3] })), "{error:?}");
    drop(writer);
    assert!(names(dir.path()).is_empty());
}

#[test]
fn a_window_may_feed_it_from_a_thread() {
    fn is_send<T: Send>() {}
    is_send::<AnimationWriter>();
}

/// Stands in for ffmpeg: the last word of its command line is the file.
#[cfg(unix)]
mod mp4 {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn script(dir: &Path, body: &str) -> PathBuf {
        let path = dir.join("encoder");
        let text = format!("#!/bin/sh\nPATH=/bin:/usr/bin\nfor out; do :; done\n{body}\n");
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("allowed");
        path
    }

    fn film(dir: &Path, program: &Path, frames: u32) -> Result<(), ExportError> {
        let mut mp4 = Mp4File::create(&dir.join("film.mp4"), SIZE, 25, None, program.as_os_str())?;
        (0..frames).try_for_each(|index| mp4.add(&picture(index)))?;
        mp4.finish()
    }

    #[test]
    fn pictures_are_piped_as_they_are() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let program = script(dir.path(), r#"cat > "$out"; echo "$@" > "$(dirname "$out")/words""#);
        film(dir.path(), &program, 3).expect("a film");
        let expected: Vec<u8> = (0..3).flat_map(|index| picture(index).into_raw()).collect();
        assert_eq!(fs::read(dir.path().join("film.mp4")).expect("there"), expected);
        let words = fs::read_to_string(dir.path().join("words")).expect("there");
        for part in ["-video_size 20x11", "-framerate 25", "libx264", "format=yuv420p"] {
            assert!(words.contains(part), "{part} in {words}");
        }
        assert_eq!(names(dir.path()), ["encoder", "film.mp4", "words"]);
    }

    #[test]
    fn films_for_two_eyes_say_so() {
        use crate::scene::StereoLayout::{Anaglyph, HalfSideBySide, OverUnder, SideBySide};
        let dir = tempfile::tempdir().expect("temporary folder");
        let program = script(dir.path(), r#"cat > "$out"; echo "$@" > "$(dirname "$out")/words""#);
        let said = |layout, swap| {
            let (path, packing) = (dir.path().join("film.mp4"), FramePacking::of(layout, swap));
            let mut mp4 = Mp4File::create(&path, SIZE, 25, packing, program.as_os_str()).expect("begun");
            mp4.add(&picture(0)).and_then(|()| mp4.finish()).expect("a film");
            let words = fs::read_to_string(dir.path().join("words")).expect("there");
            words.split_once("frame-packing=").map(|(_, number)| number[..1].to_owned())
        };
        let number = |layout| said(layout, false);
        assert_eq!([SideBySide, HalfSideBySide, OverUnder].map(number), ["3", "3", "4"].map(|n| Some(n.to_owned())));
        assert_eq!([said(Anaglyph, false), said(SideBySide, true)], [None, None], "no player could take them apart");
    }

    #[test]
    fn what_went_wrong_is_told_in_its_own_words() {
        let dir = tempfile::tempdir().expect("temporary folder");
        for body in ["cat > /dev/null; echo no such codec >&2; exit 3", "echo no such codec >&2; exit 3"] {
            let program = script(dir.path(), body);
            // More than a pipe holds, so that a program that does not read is noticed.
            let error = film(dir.path(), &program, 200).expect_err("fails").to_string();
            assert!(error.contains("no such codec") && error.contains("film.mp4"), "{error}");
            assert_eq!(names(dir.path()), ["encoder"]);
        }
        let silent = script(dir.path(), "cat > /dev/null");
        assert!(film(dir.path(), &silent, 1).expect_err("fails").to_string().contains("wrote nothing"));
        let missing = film(dir.path(), &dir.path().join("nowhere"), 1).expect_err("fails");
        assert!(matches!(missing, ExportError::EncoderMissing { .. }));
        assert!(missing.to_string().contains("GIF") && missing.to_string().contains("folder of PNG"), "{missing}");
        assert_eq!(names(dir.path()), ["encoder"]);
    }

    #[test]
    fn a_program_at_work_is_stopped() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let program = script(dir.path(), "exec sleep 60");
        let started = std::time::Instant::now();
        let mut mp4 =
            Mp4File::create(&dir.path().join("film.mp4"), SIZE, 25, None, program.as_os_str()).expect("begun");
        mp4.add(&picture(0)).expect("fits into the pipe");
        drop(mp4);
        assert!(started.elapsed().as_secs() < 20);
        assert_eq!(names(dir.path()), ["encoder"]);
    }
}
