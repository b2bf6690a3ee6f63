import { networkInterfaces } from 'node:os'

/** Networks of containers and virtual machines on this host: no phone is in them. */
const INNER = /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|cni|flannel|tun|tap|utun)/

/**
 * An address of this machine that others in its network can probably reach.
 * @returns `null`: only loopback
 */
export function ownNetworkAddress(interfaces = networkInterfaces()): string | null {
  for (const [name, addresses] of Object.entries(interfaces)) {
    if (INNER.test(name)) continue
    const found = addresses?.find(({ family, internal }) => family === 'IPv4' && !internal)
    if (found !== undefined) return found.address
  }
  return null
}
