import { settingRows } from '../../lib/import/settings-table';

test('each setting has a meaning or a reason', () => {
  const empty = settingRows().filter(({ meaning }) => meaning.trim() === '');
  expect(empty.map(({ setting }) => setting)).toEqual([]);
});
