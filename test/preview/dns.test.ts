import { promises as dns } from 'node:dns';
import { NameServer } from '../../preview/cloud/network/dns';

describe('the stand-in of the name server', () => {
  const server = new NameServer();
  const resolver = new dns.Resolver();
  const impatient = new dns.Resolver({ timeout: 200, tries: 1 });

  beforeAll(async () => {
    await server.listen('127.0.0.153', 0);
    [resolver, impatient].forEach((each) => each.setServers([`127.0.0.153:${server.port}`]));
    server.set('Keystone.cloud.internal', '10.77.0.4');
  });
  afterAll(() => server.close());

  test('knows the names of the preview, in any case', async () => {
    expect(await resolver.resolve4('KEYSTONE.cloud.internal')).toEqual(['10.77.0.4']);
  });

  test('has no other addresses for them, and no other names', async () => {
    await expect(resolver.resolve6('keystone.cloud.internal')).rejects.toThrow('ENODATA');
    await expect(resolver.resolve4('example.org')).rejects.toThrow('ENOTFOUND');
  });

  test('can be silent', async () => {
    await server.setOutage('hang');
    await expect(impatient.resolve4('keystone.cloud.internal')).rejects.toThrow('ETIMEOUT');
    await server.setOutage(undefined);
    expect(await resolver.resolve4('keystone.cloud.internal')).toEqual(['10.77.0.4']);
  });
});
