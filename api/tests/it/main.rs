//! The API through the door its clients use: a real listener and a real HTTP client.

#[cfg(test)]
mod detect;
#[cfg(test)]
mod document;
#[cfg(test)]
mod extract;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod health;
#[cfg(test)]
mod indicators;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod site;
#[cfg(test)]
mod submissions;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod traces;
