//! The arguments of `fathom models`.

use clap::{Args, Subcommand};

use crate::catalog::Entry;
use crate::cli::values::model;

pub(in crate::cli) const MODELS_NOTES: &str = "\
Models are kept in the cache of Hugging Face's tools, so that Python programs and Fathom share
them: $HF_HUB_CACHE, else $HF_HOME/hub, else ~/.cache/huggingface/hub. What is there is used.
Weights that you put into $FATHOM_MODELS yourself come first ('fathom models list' says how).

A download that is cut, stopped with Ctrl+C or killed goes on where it was when it is started
again, and counts only when its SHA-256 is right. HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE,
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are respected.

Examples:
  fathom models                             what there is, and what is installed
  fathom models get da3-base                fetch one
  fathom models get da3-small da3-metric-large --quiet
  fathom models verify                      compare all that is installed with what was published
  fathom models rm da3-giant                make room
  fathom models tidy                        remove what is left over and of no use
  cp \"$(fathom models path da3-base)\" /media/stick

Exit codes:
  0  done
  1  failed: not fetched, not installed, not removed, or not what was published
  2  the command line cannot be used as given";

#[derive(Debug, Args)]
pub(in crate::cli) struct ModelsArguments {
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ModelsCommand {
    /// List the models: what they give, size, licence, and where their files lie; the same as no command
    List,
    /// Fetch models; prints where each one lies
    Get {
        /// Models by their ids
        #[arg(required = true, value_name = "ID", value_parser = model)]
        models: Vec<&'static Entry>,
        /// Say nothing but problems
        #[arg(short, long)]
        quiet: bool,
    },
    /// Compare installed models with what was published: SHA-256, and the network that config.json names
    Verify {
        /// Models by their ids [default: all that are installed]
        #[arg(value_name = "ID", value_parser = model)]
        models: Vec<&'static Entry>,
        /// Say nothing but problems
        #[arg(short, long)]
        quiet: bool,
    },
    /// Remove a model from the cache, and what an unfinished download has left
    #[command(visible_alias = "remove")]
    Rm {
        /// Model by its id
        #[arg(value_name = "ID", value_parser = model)]
        model: &'static Entry,
        /// Also delete model files that were put into the folder of models by hand
        #[arg(long)]
        force: bool,
        /// Say nothing but problems
        #[arg(short, long)]
        quiet: bool,
    },
    /// Remove what is of no use from models' folders in the cache: what the list says is left over
    Tidy {
        /// Models by their ids [default: all]
        #[arg(value_name = "ID", value_parser = model)]
        models: Vec<&'static Entry>,
        /// Say nothing but problems
        #[arg(short, long)]
        quiet: bool,
    },
    /// Print where a model's file lies, and nothing else
    Path {
        /// Model by its id
        #[arg(value_name = "ID", value_parser = model)]
        model: &'static Entry,
    },
}
