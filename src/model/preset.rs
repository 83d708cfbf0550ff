//! The published networks as plain numbers.

/// Side of a patch in pixels.
pub const PATCH: usize = 14;

/// A published network. The metric variants of Depth Anything V2 differ from the relative ones in their last layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Preset {
    Da3Small,
    Da3Base,
    Da3Large,
    Da3Giant,
    Da3MonoLarge,
    Da3MetricLarge,
    /// Giant and metric side by side: what the one sees jointly gets its metres from the other.
    Da3Nested,
    Da2Small(Da2Output),
    Da2Base(Da2Output),
    Da2Large(Da2Output),
}

/// What Depth Anything V2's last layer gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Da2Output {
    /// Relative inverse depth, ≥ 0.
    Disparity,
    /// Depth in metres up to this many metres (20 indoor, 80 outdoor).
    Metric { max_depth: f32 },
}

/// The four sizes of vision transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vit {
    Small,
    Base,
    Large,
    Giant,
}

/// Numbers of one backbone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VitConfig {
    pub blocks: usize,
    /// Width C of a token.
    pub width: usize,
    pub heads: usize,
    /// Hidden width M of the feed-forward part.
    pub hidden: usize,
    /// SwiGLU instead of a GELU MLP.
    pub swiglu: bool,
    /// Blocks (0-based) whose outputs go to the head.
    pub out_layers: [usize; 4],
    /// First block of the alternation of local and global attention, of RoPE and of q/k norm; `None` for networks that
    /// look at one view.
    pub joint_start: Option<usize>,
    /// Epsilon of the final `norm` (the blocks' own is 1e-6 everywhere).
    pub final_norm_eps: f64,
}

impl VitConfig {
    /// Whether block `index` looks at all views of a pass (specification §3.4).
    pub fn is_global(&self, index: usize) -> bool {
        self.joint_start.is_some_and(|start| index >= start && index % 2 == 1)
    }
}

/// Numbers of one dense head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadConfig {
    pub kind: HeadKind,
    /// Input width D.
    pub dim_in: usize,
    /// Width F of the fused features.
    pub features: usize,
    /// Widths o0..o3 of the four projections.
    pub projections: [usize; 4],
}

/// The three kinds of dense head that give depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HeadKind {
    /// Depth and confidence, plus the auxiliary ray branch.
    Dual,
    /// Depth and sky.
    Sky,
    /// Depth Anything V2.
    Single(Da2Output),
}

impl Preset {
    /// Upstream's preset name (`vits`, `vitb`, `vitl` for Depth Anything V2).
    pub fn upstream_name(self) -> &'static str {
        match self {
            Self::Da3Small => "da3-small",
            Self::Da3Base => "da3-base",
            Self::Da3Large => "da3-large",
            Self::Da3Giant => "da3-giant",
            Self::Da3MonoLarge => "da3mono-large",
            Self::Da3MetricLarge => "da3metric-large",
            Self::Da3Nested => "da3nested-giant-large",
            Self::Da2Small(_) => "vits",
            Self::Da2Base(_) => "vitb",
            Self::Da2Large(_) => "vitl",
        }
    }

    /// The Depth Anything 3 preset that upstream calls `name`.
    pub fn da3(name: &str) -> Option<Self> {
        [
            Self::Da3Small,
            Self::Da3Base,
            Self::Da3Large,
            Self::Da3Giant,
            Self::Da3MonoLarge,
            Self::Da3MetricLarge,
            Self::Da3Nested,
        ]
        .into_iter()
        .find(|preset| preset.upstream_name() == name)
    }

    /// The Depth Anything V2 preset of upstream's encoder name.
    pub fn da2(encoder: &str, output: Da2Output) -> Option<Self> {
        match encoder {
            "vits" => Some(Self::Da2Small(output)),
            "vitb" => Some(Self::Da2Base(output)),
            "vitl" => Some(Self::Da2Large(output)),
            _ => None,
        }
    }

    pub fn vit(self) -> Vit {
        match self {
            Self::Da3Small | Self::Da2Small(_) => Vit::Small,
            Self::Da3Base | Self::Da2Base(_) => Vit::Base,
            Self::Da3Large | Self::Da3MonoLarge | Self::Da3MetricLarge | Self::Da2Large(_) => Vit::Large,
            Self::Da3Giant | Self::Da3Nested => Vit::Giant,
        }
    }

    /// Whether the views of a pass are looked at jointly, with cameras as a result.
    pub fn is_any_view(self) -> bool {
        matches!(self.any_view_part(), Self::Da3Small | Self::Da3Base | Self::Da3Large | Self::Da3Giant)
    }

    /// The network that looks at views jointly, where there are two side by side.
    pub fn any_view_part(self) -> Self {
        if self == Self::Da3Nested { Self::Da3Giant } else { self }
    }

    /// The second network of a nested preset, which gives metres and sky.
    pub fn metric_part(self) -> Option<Self> {
        (self == Self::Da3Nested).then_some(Self::Da3MetricLarge)
    }

    /// Whether there is a head for 3D Gaussians.
    pub fn has_gaussians(self) -> bool {
        self.any_view_part() == Self::Da3Giant
    }

    /// Whether results say where sky is.
    pub fn has_sky(self) -> bool {
        self.head().kind == HeadKind::Sky || self.metric_part().is_some()
    }

    pub fn is_da2(self) -> bool {
        self.da2_output().is_some()
    }

    fn da2_output(self) -> Option<Da2Output> {
        match self {
            Self::Da2Small(output) | Self::Da2Base(output) | Self::Da2Large(output) => Some(output),
            _ => None,
        }
    }

    /// The backbone (specification §1.1, §1.2); of a nested preset that of its any-view part, as is the head.
    pub fn backbone(self) -> VitConfig {
        let (blocks, width, heads, hidden) = match self.vit() {
            Vit::Small => (12, 384, 6, 1536),
            Vit::Base => (12, 768, 12, 3072),
            Vit::Large => (24, 1024, 16, 4096),
            Vit::Giant => (40, 1536, 24, 4096),
        };
        let (out_layers, joint_start) = match self {
            Self::Da3Small | Self::Da3Base => ([5, 7, 9, 11], Some(4)),
            Self::Da3Large => ([11, 15, 19, 23], Some(8)),
            Self::Da3Giant | Self::Da3Nested => ([19, 27, 33, 39], Some(13)),
            Self::Da2Small(_) | Self::Da2Base(_) => ([2, 5, 8, 11], None),
            Self::Da3MonoLarge | Self::Da3MetricLarge | Self::Da2Large(_) => ([4, 11, 17, 23], None),
        };
        VitConfig {
            blocks,
            width,
            heads,
            hidden,
            swiglu: self.vit() == Vit::Giant,
            out_layers,
            joint_start,
            final_norm_eps: if self.is_da2() { 1e-6 } else { 1e-5 },
        }
    }

    /// The dense head (specification §1.1).
    pub fn head(self) -> HeadConfig {
        let width = self.backbone().width;
        let (features, projections) = match self.vit() {
            Vit::Small => (64, [48, 96, 192, 384]),
            Vit::Base => (128, [96, 192, 384, 768]),
            Vit::Large | Vit::Giant => (256, [256, 512, 1024, 1024]),
        };
        let kind = match self.da2_output() {
            Some(output) => HeadKind::Single(output),
            None if self.is_any_view() => HeadKind::Dual,
            None => HeadKind::Sky,
        };
        let dim_in = if self.is_any_view() { 2 * width } else { width };
        HeadConfig { kind, dim_in, features, projections }
    }

    /// What stands before every tensor name of the backbone in the published file.
    pub fn backbone_prefix(self) -> &'static str {
        if self.is_da2() { "pretrained" } else { "model.backbone.pretrained" }
    }

    /// What stands before every tensor name of the dense head in the published file.
    pub fn head_prefix(self) -> &'static str {
        if self.is_da2() { "depth_head" } else { "model.head" }
    }
}
