import { federationDirections } from '../../preview/control/directions';

test('a browser is told where the Keystone of the stack is', () => {
  const text = federationDirections('192.0.2.1', ['keystone.example.org', 'keystone.example.org']);
  expect(text).toMatch(
    /\/etc\/hosts needs {2}192\.0\.2\.1 keystone\.cloud\.internal keystone\.example\.org login\.corp\.example /,
  );
});
