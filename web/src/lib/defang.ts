/** A form nothing clicks, resolves or connects to: what a copy for a mail or a chat should hold. Hashes and the like stay. */
export function defang(value: string, kind: string): string {
  switch (kind) {
    case 'ipv4':
    case 'cidr':
    case 'domain':
      return dots(value);
    case 'ipv6':
      return value.replaceAll(':', '[:]');
    case 'email':
      return dots(value.replace('@', '[@]'));
    case 'url': {
      const [, scheme = '', host = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(value) ?? [];
      return scheme ? scheme.replace(/^http/i, 'hxxp').replace('://', '[://]') + dots(host) + rest : dots(value);
    }
    default:
      return value;
  }
}

function dots(text: string): string {
  return text.replaceAll('.', '[.]');
}
