import { Bucket, current, keysOf } from './buckets';
import { AwsError, escapeXml, Reply } from './call';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(bucket: Bucket, query: URLSearchParams): Reply {
  const wanted = query.get('max-keys') ?? '1000';
  if (!/^\d+$/.test(wanted) || Number(wanted) > 2147483647) {
    throw new AwsError(
      400,
      'InvalidArgument',
      'Provided max-keys not an integer or within integer range',
      {
        ArgumentName: 'max-keys',
        ArgumentValue: wanted,
      },
    );
  }
  const encoding = query.get('encoding-type');
  if (encoding !== null && encoding !== 'url') {
    throw new AwsError(400, 'InvalidArgument', 'Invalid Encoding Method specified in Request', {
      ArgumentName: 'encoding-type',
      ArgumentValue: encoding,
    });
  }
  const text = (key: string) =>
    escapeXml(encoding === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/') : key);
  const most = Math.min(Number(wanted), 1000);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const given = query.get('continuation-token');
  const after = given === null ? (query.get('start-after') ?? '') : tokenKey(given);
  const entries: { readonly key: string; readonly common: boolean }[] = [];
  for (const key of keysOf(bucket.objects)) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = end < 0 ? key : key.slice(0, end + delimiter.length);
    const last = entries.at(-1);
    if (
      key.startsWith(prefix) &&
      Buffer.compare(Buffer.from(entry), Buffer.from(after)) > 0 &&
      last?.key !== entry
    ) {
      entries.push({ key: entry, common: end >= 0 });
    }
  }
  const page = entries.slice(0, most);
  const more = most > 0 && entries.length > page.length;
  const contents = page.map(({ key, common }) => {
    const version = current(bucket, key);
    return common || version === undefined
      ? `<CommonPrefixes><Prefix>${text(key)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${text(key)}</Key>` +
          `<LastModified>${version.modified.toISOString()}</LastModified>` +
          `<ETag>${escapeXml(version.etag)}</ETag><Size>${version.size}</Size>` +
          '<StorageClass>STANDARD</StorageClass></Contents>';
  });
  const optional = (name: string, value: string | null) =>
    value === null ? '' : `<${name}>${text(value)}</${name}>`;
  return {
    headers: { 'content-type': 'application/xml' },
    body:
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Name>${bucket.plan.name}</Name><Prefix>${text(prefix)}</Prefix>` +
      optional('StartAfter', query.get('start-after')) +
      (given === null ? '' : `<ContinuationToken>${escapeXml(given)}</ContinuationToken>`) +
      (more
        ? `<NextContinuationToken>${token(page.at(-1)?.key ?? '')}</NextContinuationToken>`
        : '') +
      `<KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys>` +
      optional('Delimiter', query.get('delimiter')) +
      (encoding === null ? '' : `<EncodingType>${encoding}</EncodingType>`) +
      `<IsTruncated>${more}</IsTruncated>${contents.join('')}</ListBucketResult>`,
  };
}

/** Opaque to clients, and no key. */
function token(key: string): string {
  return Buffer.from(`1/${key}`).toString('base64');
}

function tokenKey(given: string): string {
  const text = Buffer.from(given, 'base64').toString('utf8');
  if (!text.startsWith('1/')) {
    throw new AwsError(400, 'InvalidArgument', 'The continuation token provided is incorrect', {
      ArgumentName: 'continuation-token',
    });
  }
  return text.slice(2);
}
