//! The page of models over a hub that this test starts: downloads, what ends them, verification and removal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use egui::{Key, Modifiers, Theme};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::{ModelSource, Open};
use fathom::catalog::{self, Entry, ModelId};
use fathom::hub::{Cache, Hub, Patience};
use fathom::memory::Sample;
use fathom::worker::Event;

use crate::harness::Desk;
use crate::server::{Answer, Repo, Server};

const CONFIG: &str = r#"{"model_type": "depth_anything", "backbone_config": {"hidden_size": 384},
                         "depth_estimation_type": "metric", "max_depth": 20}"#;
/// Where nothing lies.
const LONG_PATH: &str =
    "/home/someone/with a long name/.cache/and a folder/that is called/huggingface/and what not/and more";
pub const PLENTY: fn(&Path) -> std::io::Result<u64> = |_| Ok(20_000_000_000);
pub const NAME: &str = "Depth Anything V2 Indoor Small";

fn entry() -> &'static Entry {
    catalog::find(&ModelId("da2-indoor-small".into())).expect("a model without a pin, so that any content may be it")
}

fn repo() -> Repo {
    Repo::of(3_000_000, CONFIG)
}

/// Models come from `endpoint`, and lie in folders of their own inside `root`.
fn source(endpoint: &str, free_bytes: fn(&Path) -> std::io::Result<u64>, root: PathBuf) -> ModelSource {
    let mut hub = Hub::new(endpoint.into(), Cache::at(root.join("hub")));
    hub.uses_proxies = false;
    hub.free_bytes = free_bytes;
    hub.patience = Patience {
        failures: 2,
        first_wait: Duration::from_millis(2),
        longest_wait: Duration::from_secs(1),
        silence: Duration::from_secs(2),
    };
    ModelSource { own: Some(root.join("models")), hub: Arc::new(move || Ok(hub.clone())) }
}

/// A machine without a model beside the built-in one, and no way to fetch any.
pub fn nowhere() -> ModelSource {
    source("http://localhost:1", PLENTY, LONG_PATH.into())
}

/// A window whose models come from `server`, and lie in folders of their own.
pub struct Shop {
    pub desk: Desk,
    root: PathBuf,
}

impl Shop {
    pub fn open(server: &Server, free_bytes: fn(&Path) -> std::io::Result<u64>) -> Self {
        let desk = Desk::new([1280.0, 800.0]);
        let root = desk.folder_for("shop");
        Self::with(desk, &server.endpoint, free_bytes, root)
    }

    fn with(mut desk: Desk, endpoint: &str, free_bytes: fn(&Path) -> std::io::Result<u64>, root: PathBuf) -> Self {
        let source = source(endpoint, free_bytes, root.clone());
        let ctx = desk.window.ctx.clone();
        desk.window.state_mut().set_model_source(source, &ctx);
        desk.send(Event::Memory(Sample { free_bytes: 3_100_000_000, total_bytes: 8_300_000_000, ..Sample::default() }));
        desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
        desk.wait_for_containing("free for downloads");
        Self { desk, root }
    }

    /// Presses the button of the test's model whose label begins like this, once it is there.
    pub fn press(&mut self, label: &str) {
        self.press_of(NAME, label);
    }

    /// The same of another model.
    pub fn press_of(&mut self, name: &str, label: &str) {
        let is_of_model = |node: &Node<'_>| node.accesskit_node().label().is_some_and(|said| said.ends_with(name));
        loop {
            self.desk.step_until_any(label, is_of_model);
            self.desk.window.query_all_by_label_contains(label).rfind(is_of_model).expect("found").scroll_to_me();
            self.desk.step_some();
            // A look at the disk may have ended meanwhile, and changed the card.
            if let Some(button) = self.desk.window.query_all_by_label_contains(label).rfind(is_of_model) {
                button.click();
                break;
            }
        }
        self.desk.step_some();
    }

    fn snapshot(&self) -> PathBuf {
        let name = entry().source.replace('/', "--");
        self.root.join(format!("hub/models--{name}/snapshots/{}/model.safetensors", crate::server::COMMIT))
    }
}

/// A server that sends weights slowly while `is_slow`.
pub fn slow_server(is_slow: Arc<AtomicBool>) -> Server {
    let repo = repo();
    Server::start(move |asked, _| {
        let answer = repo.answer(asked);
        match asked.is_for_content() && is_slow.load(Ordering::SeqCst) {
            true => Answer { pieces: Some((50_000, Duration::from_millis(50))), ..answer },
            false => answer,
        }
    })
}

#[test]
fn a_model_comes_is_verified_used_and_deleted() {
    let server = Server::honest(repo());
    let mut shop = Shop::open(&server, PLENTY);
    shop.press("Download 99 MB");
    shop.desk.step_until(&format!("Verify, {NAME}"));
    assert!(shop.snapshot().is_file(), "the window fetches into the shared cache");
    shop.press("Verify");
    shop.desk.wait_for_containing("the one that the hub gave");

    std::fs::write(shop.snapshot(), [0; 1000]).expect("damaged");
    shop.press("Verify");
    shop.desk.wait_for_containing("Verification: not what was published");

    shop.press("Use");
    assert_eq!(shop.desk.window.state().state().settings.model.0, entry().id);
    assert!(shop.desk.window.query_by_label_contains("free for downloads").is_none(), "the page has done its work");

    shop.desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    shop.press("Delete…");
    shop.desk.window.get_by_label(&format!("Delete {NAME}?"));
    shop.desk.click("Keep");
    assert!(shop.snapshot().is_file());
    shop.press("Delete…");
    shop.desk.click_containing("Delete, frees");
    shop.desk.wait_for_containing("are free again");
    assert!(!shop.snapshot().exists());
}

/// A content without a name, and a name without its content.
#[cfg(unix)]
#[test]
fn what_is_left_over_is_told_and_deleted() {
    let server = Server::honest(repo());
    let desk = Desk::new([1280.0, 800.0]);
    let root = desk.folder_for("shop");
    let folder = root.join(format!("hub/models--{}", entry().source.replace('/', "--")));
    let snapshot = folder.join("snapshots").join(crate::server::COMMIT);
    for path in [folder.join("blobs"), folder.join("refs"), snapshot.clone()] {
        std::fs::create_dir_all(path).expect("a folder");
    }
    std::fs::write(folder.join("refs/main"), crate::server::COMMIT).expect("written");
    let orphan = folder.join("blobs/bb");
    std::fs::write(&orphan, [0; 12_000]).expect("written");
    let link = snapshot.join("model.safetensors");
    std::os::unix::fs::symlink("../../blobs/gone", &link).expect("a link");

    let mut shop = Shop::with(desk, &server.endpoint, PLENTY, root);
    shop.desk.wait_for_containing("are left over from earlier");
    shop.desk.wait_for_containing("blobs/gone, which is gone. A download mends it");
    shop.press("Delete…");
    shop.desk.wait_for_containing("a content that no snapshot points at");
    shop.desk.click_containing("Delete, frees");
    shop.desk.wait_for_containing("are free again");
    assert!(!orphan.exists() && !link.is_symlink() && !folder.exists());
}

#[test]
fn a_download_is_paused_goes_on_where_it_was_and_is_cancelled() {
    let is_slow = Arc::new(AtomicBool::new(true));
    let server = slow_server(is_slow.clone());
    let mut shop = Shop::open(&server, PLENTY);
    shop.press("Download 99 MB");
    shop.desk.step_until("/s ·");
    shop.press("Pause");
    shop.desk.step_until("Partly here");
    shop.press("Cancel download");
    shop.desk.wait_for_containing("are free again");
    assert_eq!(Cache::at(shop.root.join("hub")).unfinished_bytes(entry().source), 0);

    shop.press("Download 99 MB");
    shop.desk.step_until("/s ·");
    shop.press("Cancel download");
    shop.desk.step_until(&format!("Download 99 MB, {NAME}"));
    shop.press("Download 99 MB");
    shop.desk.step_until("/s ·");
    shop.press("Pause");
    shop.desk.step_until("Partly here");
    is_slow.store(false, Ordering::SeqCst);
    shop.press("Continue");
    shop.desk.step_until(&format!("Verify, {NAME}"));
    assert_eq!(std::fs::read(shop.snapshot()).expect("whole"), repo().weights);
    assert!(*server.ranges().last().expect("a request") > 0, "it went on where it was");
}

#[test]
fn what_ends_a_download_is_said_on_the_card() {
    let server = Server::start(|_, _| Answer::status(404).with("Content-Length", 0));
    let mut shop = Shop::open(&server, PLENTY);
    shop.press("Download 99 MB");
    shop.desk.step_until("was not downloaded");
    let told = shop.desk.window.query_all_by_label_contains("Check HF_ENDPOINT").count();
    assert!(told >= 1, "with what to do");
    assert!(shop.desk.window.query_by_label_contains("Pause").is_none());
}

#[test]
fn a_full_disk_is_said_before_a_download_begins() {
    let server = Server::honest(repo());
    let mut shop = Shop::open(&server, |_| Ok(0));
    shop.press("Download 99 MB");
    shop.desk.settle();
    assert!(server.asked().is_empty(), "nothing is asked of the server");
    let said = shop.desk.window.query_all_by_label_contains("The disk has 0 MB free, needed are 99 MB").count();
    assert!(said >= 1, "and what is missing is said on the card");
}

#[test]
fn what_a_person_put_there_goes_only_when_asked_for() {
    let server = Server::honest(repo());
    let mut shop = Shop::open(&server, PLENTY);
    let own = shop.root.join("models/da2-indoor-small.safetensors");
    std::fs::create_dir_all(own.parent().expect("a folder")).expect("made");
    std::fs::write(&own, vec![0; 2_000_000]).expect("written");
    shop.desk.click("Look again");
    shop.desk.wait_for_containing(&format!("Verify, {NAME}"));
    shop.press("Delete…");
    shop.desk.click_containing("Delete, frees");
    assert!(own.is_file(), "it stays unless it is asked for");
    shop.desk.click("Also what was put there by hand, 2 MB");
    shop.desk.click("Delete, frees 2 MB");
    shop.desk.wait_for_containing("are free again");
    assert!(!own.exists());
}

#[test]
fn a_folder_of_another_model_is_refused_at_once() {
    let server = Server::honest(repo());
    let mut shop = Shop::open(&server, PLENTY);
    let folder = shop.root.join("downloaded");
    std::fs::create_dir(&folder).expect("made");
    std::fs::write(folder.join("model.safetensors"), "").expect("written");
    std::fs::write(folder.join("config.json"), CONFIG.replace("20}", "80}")).expect("written");
    let answer = folder.clone();
    let ask = Arc::new(move |what| (what == Open::WeightFolder).then(|| answer.clone()));
    shop.desk.window.state_mut().set_open_dialog(ask);
    shop.press("Local file or folder");
    shop.desk.click("Use a folder…");
    shop.desk.wait_for_containing("metric, up to 80 m, not for");
    assert_eq!(shop.desk.window.state().state().settings.weights, None);
    std::fs::write(folder.join("config.json"), CONFIG).expect("written");
    shop.press("Local file or folder");
    shop.desk.click("Use a folder…");
    shop.desk.wait_for_containing("is read from");
    let settings = &shop.desk.window.state().state().settings;
    assert_eq!(settings.weights, Some(folder.join("model.safetensors")));
    assert_eq!(settings.model.0, entry().id);
}

#[test]
fn the_page_dark() {
    let mut shop = Shop::with(Desk::new([1280.0, 800.0]), "http://localhost:1", PLENTY, LONG_PATH.into());
    crate::pictures::check(&mut shop.desk, "models_dark");
}

#[test]
fn the_page_light_small() {
    let mut shop =
        Shop::with(Desk::with_theme([800.0, 520.0], Theme::Light), "http://localhost:1", PLENTY, LONG_PATH.into());
    crate::pictures::check(&mut shop.desk, "models_light_small");
}

#[test]
fn the_page_at_200_percent() {
    let mut desk = Desk::with_theme([1280.0, 800.0], Theme::Dark);
    desk.window.set_pixels_per_point(2.0);
    let mut shop = Shop::with(desk, "http://localhost:1", PLENTY, LONG_PATH.into());
    crate::pictures::check(&mut shop.desk, "models_dark_200");
}
