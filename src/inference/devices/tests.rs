use super::*;

/// Does not open, in one of two ways.
struct Broken {
    panics: bool,
}

impl Driver for Broken {
    fn accelerator(&self) -> Option<DeviceChoice> {
        Some(DeviceChoice::Metal)
    }

    fn graphics_card(&self) -> Option<GraphicsCard> {
        panic!("the loader of drivers is broken")
    }

    fn open(&self, _: DeviceChoice) -> Result<Hardware, ModelError> {
        assert!(!self.panics, "class MTLResidencySetDescriptor could not be found");
        Err(candle_core::Error::Msg("no CUDA-capable device is detected".into()).into())
    }

    fn memory(&self, _: &Device) -> Option<CardMemory> {
        panic!("nothing is open")
    }
}

fn on(device: DeviceChoice) -> Settings {
    Settings { device, ..Settings::default() }
}

#[test]
fn what_does_not_open_is_told_once_and_the_cpu_takes_its_place() {
    for panics in [true, false] {
        let devices = Devices::new(Broken { panics });
        assert_eq!(devices.resolve(&on(DeviceChoice::Auto)), DeviceChoice::Cpu);
        assert_eq!(devices.card_memory(), None);
        let notices: Vec<_> = (0..3)
            .map(|_| {
                let (opened, notice) = devices.open(&on(DeviceChoice::Auto)).expect("the CPU");
                assert!(!opened.is_card() && !opened.keeps_buffers());
                notice
            })
            .collect();
        let expected = if panics { "MTLResidencySetDescriptor" } else { "no CUDA-capable device" };
        assert!(notices[0].as_ref().is_some_and(|notice| notice.to_string().contains(expected)), "{notices:?}");
        assert_eq!(notices[1..], [None, None]);
        // Who names it hears of it every time.
        assert!(
            devices.open(&on(DeviceChoice::Metal)).is_ok_and(|(opened, notice)| !opened.is_card() && notice.is_some())
        );
        let strict = devices.open_exactly(DeviceChoice::Metal).map(|_| ()).expect_err("nothing to open");
        assert!(strict.to_string().contains(expected), "{strict}");
    }
}

#[test]
fn each_card_is_refused_for_itself() {
    let devices = Devices::new(Broken { panics: true });
    assert_eq!((devices.graphics_card(), devices.graphics_card()), (None, None), "a panic is no card");
    let (opened, notice) = devices.open(&on(DeviceChoice::Gpu)).expect("the CPU");
    let notice = notice.map(|notice| notice.to_string()).unwrap_or_default();
    assert!(!opened.is_card() && notice.starts_with("the graphics card could not be used"), "{notice}");
    assert_eq!(devices.resolve(&on(DeviceChoice::Gpu)), DeviceChoice::Cpu);
    let (_, notice) = devices.open(&on(DeviceChoice::Auto)).expect("the CPU");
    assert!(notice.is_some_and(|notice| notice.to_string().contains("Apple GPU")), "of that nothing was told yet");
}

#[test]
fn a_device_that_this_build_does_not_have_is_an_error() {
    let devices = Devices::new(Broken { panics: false });
    let message = devices.open(&on(DeviceChoice::Cuda)).map(|_| ()).expect_err("an Apple build").to_string();
    assert!(message.contains("CUDA cannot be used") && message.contains("build"), "{message}");
    assert_eq!(devices.resolve(&on(DeviceChoice::Cuda)), DeviceChoice::Cuda, "the load says so");
    let (used, _) = Devices::here().open(&on(DeviceChoice::Auto)).expect("a device");
    assert_ne!(used.choice(), DeviceChoice::Auto);
}
