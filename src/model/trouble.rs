//! What drivers say when a network cannot go on, and what it means: the one table of their words, each with its source.

/// What stands behind an error of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Memory ran out: less at once may go through.
    Memory,
    /// The device was busy for longer than its watchdog allows: less at once may go through, on a device that is opened
    /// anew, because what was queued behind it is refused as well.
    TooLong,
    /// Anything else: the device, its driver or what this program asks of it. Another device may go on.
    Device,
}

/// One thing that drivers say.
#[derive(Clone, Copy, Debug)]
pub struct Saying {
    /// The part by which it is known, in lower case.
    pub words: &'static str,
    pub means: Trouble,
    /// Whole, as it comes out of the library that hands it on.
    pub example: &'static str,
    /// Who says it, and where that can be looked up.
    pub source: &'static str,
}

const fn saying(means: Trouble, words: &'static str, example: &'static str, source: &'static str) -> Saying {
    Saying { words, means, example, source }
}

/// The first row whose words are found counts. What is in no row is [`Trouble::Device`]; rows that say so are there because
/// they look like another one, or because they are met often.
pub const SAYINGS: &[Saying] = &[
    // CUDA. cudarc writes an error as its debug form: name of the code, then cuGetErrorString.
    saying(
        Trouble::Memory,
        "cuda_error_out_of_memory",
        "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")",
        "CUDA driver; cudarc 0.19.10 driver/result.rs; huggingface/candle#2046, #2631",
    ),
    saying(
        Trouble::Memory,
        "cublas_status_alloc_failed",
        "CublasError(CUBLAS_STATUS_ALLOC_FAILED)",
        "cuBLAS, mostly for its workspace; cudarc 0.19.10 cublas/result.rs; ollama/ollama#3430",
    ),
    saying(
        Trouble::Memory,
        "curand_status_allocation_failed",
        "CurandError(CURAND_STATUS_ALLOCATION_FAILED)",
        "cuRAND, which candle opens with the card; cudarc 0.19.10 curand/sys",
    ),
    saying(
        Trouble::TooLong,
        "cuda_error_launch_timeout",
        "DriverError(CUDA_ERROR_LAUNCH_TIMEOUT, \"the launch timed out and was terminated\")",
        "CUDA driver, on cards that also draw the desktop; cudarc 0.19.10 driver/sys; numba/numba#9381",
    ),
    saying(
        Trouble::Device,
        "cuda_error_illegal_address",
        "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access was encountered\")",
        "CUDA driver; cudarc 0.19.10 driver/sys",
    ),
    saying(
        Trouble::Device,
        "cuda_error_no_device",
        "DriverError(CUDA_ERROR_NO_DEVICE, \"no CUDA-capable device is detected\")",
        "CUDA driver; cudarc 0.19.10 driver/sys",
    ),
    saying(
        Trouble::Device,
        "cuda_error_no_binary_for_gpu",
        "DriverError(CUDA_ERROR_NO_BINARY_FOR_GPU, \"no kernel image is available for execution on the device\") when loading cast",
        "CUDA driver, where kernels were compiled for another card; candle-core 0.11.1 cuda_backend/error.rs",
    ),
    saying(
        Trouble::Device,
        "cublas_status_not_supported",
        "CublasError(CUBLAS_STATUS_NOT_SUPPORTED)",
        "cuBLAS, for numbers that the card does not multiply; cudarc 0.19.10 cublas/result.rs",
    ),
    // Metal. candle writes "Metal error", then what its kernels say, then the command buffer's localised description.
    saying(
        Trouble::Memory,
        "insufficient memory",
        "Metal error Command buffer had following error: Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
        "status of a Metal command buffer; candle-metal-kernels 0.11.1 metal/commands.rs; ml-explore/mlx#479, on 8 GB",
    ),
    saying(
        Trouble::Memory,
        "failed to create metal resource: buffer",
        "Metal error Failed to create metal resource: Buffer",
        "candle-metal-kernels 0.11.1 metal/device.rs; koharu-rs/koharu#212",
    ),
    saying(
        Trouble::Device,
        "failed to create metal resource: commandbuffer",
        "Metal error Failed to create metal resource: CommandBuffer",
        "candle-metal-kernels 0.11.1 metal/commands.rs: the queue is full or dead, which is no matter of memory",
    ),
    saying(
        Trouble::TooLong,
        "impacting interactivity",
        "Metal error Command buffer had following error: Impacting Interactivity (0000000e:kIOGPUCommandBufferCallbackErrorImpactingInteractivity)",
        "macOS, which takes the GPU back for the screen; jundot/omlx#1387, ggml-org/llama.cpp#22214",
    ),
    saying(
        Trouble::TooLong,
        "(0000000e:",
        "Metal error Command buffer had following error: Internal Error (0000000e:Internal Error)",
        "the same code on systems that have no words for it; WebODM/OpenSplat#198",
    ),
    saying(
        Trouble::TooLong,
        "caused gpu timeout error",
        "Metal error Command buffer had following error: Caused GPU Timeout Error (00000002:kIOGPUCommandBufferCallbackErrorTimeout)",
        "macOS' watchdog; pjsip/pjproject#4676, gfx-rs/wgpu#336",
    ),
    saying(
        Trouble::TooLong,
        "caused gpu hang error",
        "Metal error Command buffer had following error: Caused GPU Hang Error (00000003:kIOGPUCommandBufferCallbackErrorHang)",
        "macOS' watchdog; tinygrad/tinygrad#7172, flutter/flutter#153574",
    ),
    saying(
        Trouble::TooLong,
        "ignored (for causing prior/excessive gpu errors)",
        "Metal error Command buffer had following error: Ignored (for causing prior/excessive GPU errors) (00000004:kIOGPUCommandBufferCallbackErrorSubmissionsIgnored)",
        "macOS after one of the above, until the queue is made anew; KhronosGroup/MoltenVK#2675, ggml-org/llama.cpp#8886",
    ),
    saying(
        Trouble::TooLong,
        "discarded (victim of gpu error/recovery)",
        "Metal error Command buffer had following error: Discarded (victim of GPU error/recovery) (00000005:kIOGPUCommandBufferCallbackErrorInnocentVictim)",
        "macOS, for what waited behind another program's error; flutter/flutter#155538, gfx-rs/wgpu#336",
    ),
    saying(
        Trouble::Device,
        "caused gpu address fault error",
        "Metal error Command buffer had following error: Caused GPU Address Fault Error (0000000b:kIOGPUCommandBufferCallbackErrorPageFault)",
        "status of a Metal command buffer; flutter/flutter#155538",
    ),
    saying(
        Trouble::Device,
        "error while loading library",
        "Metal error Error while loading library: program_source:439:27: error: unknown type name 'bfloat16_t'",
        "Metal's compiler, where the language version is older than the source; EricLBuehler/mistral.rs#1998",
    ),
    saying(
        Trouble::Device,
        "mtlresidencysetdescriptor",
        "class MTLResidencySetDescriptor could not be found",
        "a panic on macOS 14 and older: candle opens what came with macOS 15; aaif-goose/goose#11688",
    ),
    saying(
        Trouble::Device,
        "swap_remove index (is 0)",
        "swap_remove index (is 0) should be < len (is 0)",
        "a panic where no GPU can be seen (SSH, launchd); huggingface/candle#3566",
    ),
    // Systems, which refuse an allocation to drivers and libraries. Their own errors come as words, too.
    saying(
        Trouble::Memory,
        "cannot allocate memory",
        "Cannot allocate memory (os error 12)",
        "Linux and macOS, ENOMEM",
    ),
    saying(
        Trouble::Memory,
        "not enough memory resources",
        "Not enough memory resources are available to process this command. (os error 8)",
        "Windows, ERROR_NOT_ENOUGH_MEMORY and ERROR_OUTOFMEMORY in Microsoft's list of system error codes",
    ),
    saying(
        Trouble::Memory,
        "the paging file is too small",
        "The paging file is too small for this operation to complete. (os error 1455)",
        "Windows, ERROR_COMMITMENT_LIMIT in Microsoft's list of system error codes",
    ),
    // Whoever says it in plain words. Last, because longer sentences may hold them.
    saying(
        Trouble::Memory,
        "out of memory",
        "NvrtcError(NVRTC_ERROR_OUT_OF_MEMORY): out of memory",
        "any; NVIDIA's compiler and CUDA's runtime among them",
    ),
    saying(
        Trouble::Memory,
        "out_of_memory",
        "CompileError { nvrtc: NvrtcError(NVRTC_ERROR_OUT_OF_MEMORY) }",
        "any; cudarc 0.19.10 nvrtc/sys",
    ),
];

/// What a text of a driver means.
pub fn trouble_in(text: &str) -> Trouble {
    let text = text.to_lowercase();
    SAYINGS.iter().find(|saying| text.contains(saying.words)).map_or(Trouble::Device, |saying| saying.means)
}

/// Most characters of a driver's text that a person is shown.
const MOST_SHOWN: usize = 300;

/// A driver's text without the list of calls that libraries put behind it, on one line.
pub fn driver_text(text: &str) -> String {
    let is_call = |line: &str| {
        let line = line.trim_start();
        line.split_once(':').is_some_and(|(number, _)| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
    };
    let lines: Vec<&str> = text.lines().take_while(|line| !is_call(line)).map(str::trim).collect();
    let mut one: String = lines.join(" ").trim().chars().take(MOST_SHOWN).collect();
    if one.is_empty() {
        one = "no reason given".into();
    }
    one
}

/// What a panic said of itself.
pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    driver_text(text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_known_by_its_own_row() {
        for (row, saying) in SAYINGS.iter().enumerate() {
            let text = saying.example.to_lowercase();
            let found = SAYINGS.iter().position(|other| text.contains(other.words));
            assert!(found.is_some_and(|found| SAYINGS[found].means == saying.means), "{saying:?}");
            assert!(text.contains(saying.words) && saying.words == saying.words.to_lowercase(), "{saying:?}");
            assert!(saying.source.len() > 10, "{saying:?}");
            // A row that an earlier one always hides says nothing.
            let earlier = &SAYINGS[..row];
            assert!(!earlier.iter().any(|other| saying.words.contains(other.words)), "{saying:?}");
        }
    }

    #[test]
    fn what_is_unknown_is_the_devices_trouble() {
        assert_eq!(trouble_in("the device was lost"), Trouble::Device);
        assert_eq!(trouble_in("Metal error Failed to create metal resource: CommandQueue"), Trouble::Device);
        assert_eq!(trouble_in("CUDA_ERROR_OUT_OF_MEMORY"), Trouble::Memory);
    }

    #[test]
    fn the_list_of_calls_is_not_shown() {
        let text = "DriverError(X, \"gone\")\n   0: candle_core::error::Error::bt\n   1: main\n             at ./src/main.rs:3";
        assert_eq!(driver_text(text), "DriverError(X, \"gone\")");
        assert_eq!(driver_text("first\nsecond"), "first second");
        assert_eq!(driver_text(" \n"), "no reason given");
        assert_eq!(driver_text(&"x".repeat(1000)).len(), MOST_SHOWN);
        assert_eq!(panic_text(&"gone"), "gone");
        assert_eq!(panic_text(&7), "no reason given");
    }
}
