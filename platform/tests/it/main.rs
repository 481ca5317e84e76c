//! Settings, telemetry and shutdown, as an operator meets them.

#[cfg(test)]
mod live;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod telemetry;
