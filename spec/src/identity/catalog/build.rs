//! The words that rows are written with.

use super::item::{Item, ItemId};
use super::rules::{
    Applies, Class, CloneRule, GuestRule, Harm, ImageRule, Lines, Need, Proof, Reading, Renewer, Rewrite,
};

impl Item {
    /// A trace that must not be in an image and that nobody brings back, until the words that follow say otherwise.
    pub(super) const fn new(id: ItemId, title: &'static str, rows: &'static [u16]) -> Self {
        Self {
            id,
            title,
            rows,
            class: Class::Residue,
            places: &[],
            except: &[],
            applies: &[],
            harm: Harm::Leaks,
            because: "",
            when_shared: "",
            severity: 4,
            in_image: ImageRule::Absent,
            in_guest: GuestRule::MayExist,
            in_clone: CloneRule::Leave,
            unique: false,
            reading: Reading::Presence,
            renewed_by: Renewer::Nobody,
            after: &[],
            stop_first: &[],
            second_copies: &[],
            derives: &[],
            needs: &[],
            proof: Proof::Planted,
        }
    }

    /// Where it lives.
    pub(super) const fn at(mut self, places: &'static [&'static str]) -> Self {
        self.places = places;
        self
    }

    /// What lies at the places and is not meant.
    pub(super) const fn except(mut self, globs: &'static [&'static str]) -> Self {
        self.except = globs;
        self
    }

    /// When it is to be expected.
    pub(super) const fn applies(mut self, applies: &'static [Applies]) -> Self {
        self.applies = applies;
        self
    }

    const fn harms(mut self, harm: Harm, severity: u8, because: &'static str) -> Self {
        self.harm = harm;
        self.severity = severity;
        self.because = because;
        self
    }

    /// Two guests with one value harm each other.
    pub(super) const fn collides(self, severity: u8, because: &'static str) -> Self {
        self.harms(Harm::Collides, severity, because)
    }

    /// It tells or gives away something.
    pub(super) const fn leaks(self, severity: u8, because: &'static str) -> Self {
        self.harms(Harm::Leaks, severity, because)
    }

    /// It stops something from working.
    pub(super) const fn breaks(self, severity: u8, because: &'static str) -> Self {
        self.harms(Harm::Breaks, severity, because)
    }

    /// It is weight.
    pub(super) const fn bloats(self, severity: u8, because: &'static str) -> Self {
        self.harms(Harm::Bloats, severity, because)
    }

    /// What follows when two guests share its value.
    pub(super) const fn when_shared(mut self, consequence: &'static str) -> Self {
        self.when_shared = consequence;
        self
    }

    const fn image(mut self, rule: ImageRule) -> Self {
        self.in_image = rule;
        self
    }

    /// In an image the file is there and empty.
    pub(super) const fn empty(self) -> Self {
        self.image(ImageRule::Empty)
    }

    /// In an image it is a link to `target`, or nothing.
    pub(super) const fn absent_or_link(self, target: &'static str) -> Self {
        self.image(ImageRule::AbsentOrLink(target))
    }

    /// In an image nothing but links is left.
    pub(super) const fn links_only(self) -> Self {
        self.image(ImageRule::LinksOnly)
    }

    /// In an image only the directories are left.
    pub(super) const fn directories_only(self) -> Self {
        self.image(ImageRule::DirectoriesOnly)
    }

    /// In an image the content is changed.
    pub(super) const fn rewritten(self, rewrite: Rewrite) -> Self {
        self.image(ImageRule::Rewritten(rewrite))
    }

    /// In an image these lines are gone.
    pub(super) const fn drops(mut self, lines: Lines) -> Self {
        self.reading = Reading::Lines(lines);
        self.image(ImageRule::Rewritten(Rewrite::LinesDropped))
    }

    /// In an image the file is empty, and the first-boot unit fills it in a guest.
    pub(super) const fn filled_at_first_boot(self) -> Self {
        self.rewritten(Rewrite::Emptied).by(Renewer::Firstboot)
    }

    /// In an image the values of these keys do not name the build guest.
    pub(super) const fn forgets_names(mut self, keys: &'static [&'static str]) -> Self {
        self.reading = Reading::Names(keys);
        self.image(ImageRule::Rewritten(Rewrite::NamesDropped))
    }

    /// An image that has it is refused.
    pub(super) const fn forbidden(self) -> Self {
        self.image(ImageRule::Forbidden)
    }

    /// An image that has these lines is refused.
    pub(super) const fn forbids(mut self, lines: Lines) -> Self {
        self.reading = Reading::Lines(lines);
        self.image(ImageRule::Forbidden)
    }

    /// It is told, never refused.
    pub(super) const fn reported(self) -> Self {
        self.image(ImageRule::Report)
    }

    /// It may be the same everywhere.
    pub(super) const fn shared(mut self) -> Self {
        self.class = Class::Shared;
        self.image(ImageRule::Keep)
    }

    /// It stands in the guest's configuration, and a golden's value is recorded as forbidden.
    pub(super) const fn configured(mut self) -> Self {
        self.class = Class::Assigned;
        self.reading = Reading::Configuration;
        self.in_image = ImageRule::Recorded;
        self.renewed_by = Renewer::Agent;
        self.proof = Proof::Configuration;
        self
    }

    /// It is computed from another item.
    pub(super) const fn derived(mut self, parent: ItemId, why: &'static str) -> Self {
        self.class = Class::Derived;
        self.reading = Reading::Nothing;
        self.in_image = ImageRule::Keep;
        self.renewed_by = Renewer::Derived(parent);
        self.proof = Proof::Cannot(why);
        self
    }

    /// Neither the guest nor its configuration holds it.
    pub(super) const fn outside(mut self, why: &'static str) -> Self {
        self.class = Class::Assigned;
        self.reading = Reading::Nothing;
        self.in_image = ImageRule::Keep;
        self.proof = Proof::Cannot(why);
        self
    }

    /// A guest must have it.
    pub(super) const fn must_be(mut self) -> Self {
        self.in_guest = GuestRule::Present;
        self
    }

    /// A guest must not have it either.
    pub(super) const fn never(mut self) -> Self {
        self.in_guest = GuestRule::Absent;
        self
    }

    /// Its value must differ between any two guests, and is read so.
    pub(super) const fn unique(mut self, reading: Reading) -> Self {
        self.class = Class::Identity;
        self.unique = true;
        self.in_clone = CloneRule::End;
        self.reading = reading;
        self
    }

    /// As [`Item::unique`], by the content's digest.
    pub(super) const fn unique_file(self) -> Self {
        self.unique(Reading::ContentDigest)
    }

    /// A clone keeps it: the guest's data hang on it.
    pub(super) const fn stays_in_clones(mut self) -> Self {
        self.in_clone = CloneRule::Leave;
        self
    }

    /// It is read so.
    pub(super) const fn read_as(mut self, reading: Reading) -> Self {
        self.reading = reading;
        self
    }

    /// Who brings it back.
    pub(super) const fn by(mut self, renewer: Renewer) -> Self {
        self.renewed_by = renewer;
        self
    }

    /// The program that brings it back at its next start.
    pub(super) const fn by_owner(self, program: &'static str) -> Self {
        self.by(Renewer::Owner(program))
    }

    /// The product's own procedure brings it back.
    pub(super) const fn by_procedure(self, procedure: &'static str) -> Self {
        self.by(Renewer::Procedure(procedure))
    }

    /// Items that are put to sleep before it.
    pub(super) const fn after(mut self, items: &'static [ItemId]) -> Self {
        self.after = items;
        self
    }

    /// Units that must not run meanwhile.
    pub(super) const fn stop(mut self, units: &'static [&'static str]) -> Self {
        self.stop_first = units;
        self
    }

    /// Items that bring it back.
    pub(super) const fn copies(mut self, items: &'static [ItemId]) -> Self {
        self.second_copies = items;
        self
    }

    /// Items that follow it.
    pub(super) const fn derives(mut self, items: &'static [ItemId]) -> Self {
        self.derives = items;
        self
    }

    /// What its renewal takes.
    pub(super) const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    /// The package that makes it in the matrix of applications.
    pub(super) const fn live(mut self, package: &'static str) -> Self {
        self.proof = Proof::Live(package);
        self
    }
}
