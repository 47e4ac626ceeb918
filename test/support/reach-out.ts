/** Preloaded after the network guard, to see it stop a request. */
await fetch('http://localhost/')
