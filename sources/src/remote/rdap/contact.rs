//! The people of an RDAP object. Contacts are jCards (RFC 7095): arrays of `[property, parameters, type, value…]`.

use serde_json::Value;

use super::object::{Entity, Object};
use crate::remote::facts::text;

/// How deep entities may hold entities and still be looked at.
const MAX_DEPTH: usize = 3;

impl Object {
    /// Entities of a role, those of the object itself first.
    fn in_role<'o>(&'o self, role: &str) -> Vec<&'o Entity> {
        let mut level: Vec<&Entity> = self.entities.iter().flatten().collect();
        let mut found = Vec::new();
        for _ in 0..MAX_DEPTH {
            found.extend(level.iter().copied().filter(|entity| entity.has_role(role)));
            level = level.into_iter().flat_map(|entity| entity.entities.iter().flatten()).collect();
        }
        found
    }

    /// Where to report abuse.
    pub(super) fn abuse_email(&self) -> Option<String> {
        self.in_role("abuse").into_iter().find_map(|entity| entity.property("email"))
    }

    /// Who sold the domain: its entity, and its name where it has one, else its handle.
    pub(super) fn registrar(&self) -> Option<(&Entity, String)> {
        let entity = self.in_role("registrar").into_iter().next()?;
        let name = entity.property("fn").or_else(|| entity.handle.as_deref().and_then(text))?;
        Some((entity, name))
    }

    /// Whose it is: the registrant's name, else the one organisation among entities without a role (AFRINIC).
    pub(super) fn holder(&self) -> Option<String> {
        let registrant = self.in_role("registrant").into_iter().find_map(|entity| entity.property("fn"));
        registrant.or_else(|| {
            let entities = self.entities.iter().flatten();
            let organisation = |entity: &&Entity| {
                entity.roles.as_ref().is_none_or(Vec::is_empty)
                    && entity.property("kind").as_deref() == Some("org")
            };
            entities.filter(organisation).find_map(|entity| entity.property("fn"))
        })
    }
}

impl Entity {
    fn has_role(&self, role: &str) -> bool {
        self.roles.iter().flatten().any(|of| of == role)
    }

    /// IANA's number of a registrar.
    pub(super) fn iana_id(&self) -> Option<String> {
        let ids = self.public_ids.iter().flatten();
        let of_iana = |id: &&super::object::PublicId| id.kind.as_deref() == Some("IANA Registrar ID");
        ids.filter(of_iana).find_map(|id| text(id.identifier.as_deref()?))
    }

    /// The first value of a property of its jCard that says something.
    fn property(&self, name: &str) -> Option<String> {
        let properties = self.vcard_array.as_ref()?.get(1)?.as_array()?;
        let values =
            properties.iter().filter(|property| property.get(0).and_then(Value::as_str) == Some(name));
        values.filter_map(|property| property.get(3)?.as_str()).find_map(text)
    }
}
