/**
 * The columns of an entry in the access log of an Application Load Balancer, in their order.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export const ACCESS_LOG_COLUMNS: readonly (readonly [name: string, type: string])[] = [
  ['type', 'string'],
  ['time', 'string'],
  ['elb', 'string'],
  ['client_ip', 'string'],
  ['client_port', 'int'],
  ['target_ip', 'string'],
  ['target_port', 'int'],
  ['request_processing_time', 'double'],
  ['target_processing_time', 'double'],
  ['response_processing_time', 'double'],
  ['elb_status_code', 'int'],
  ['target_status_code', 'string'],
  ['received_bytes', 'bigint'],
  ['sent_bytes', 'bigint'],
  ['request_verb', 'string'],
  ['request_url', 'string'],
  ['request_proto', 'string'],
  ['user_agent', 'string'],
  ['ssl_cipher', 'string'],
  ['ssl_protocol', 'string'],
  ['target_group_arn', 'string'],
  ['trace_id', 'string'],
  ['domain_name', 'string'],
  ['chosen_cert_arn', 'string'],
  ['matched_rule_priority', 'string'],
  ['request_creation_time', 'string'],
  ['actions_executed', 'string'],
  ['redirect_url', 'string'],
  ['error_reason', 'string'],
  ['target_port_list', 'string'],
  ['target_status_code_list', 'string'],
  ['classification', 'string'],
  ['classification_reason', 'string'],
  ['conn_trace_id', 'string'],
  ['transformed_host', 'string'],
  ['transformed_uri', 'string'],
  ['request_transform_status', 'string'],
];

const WORD = '([^ ]*)';
/**
 * Text in which a quotation mark has a backslash in front of it. An alternation in a loop would exhaust Java's
 * stack with long URLs.
 */
const TEXT = '([^"\\\\]*(?:\\\\.[^"\\\\]*)*)';
const QUOTED = `"${TEXT}"`;
const FIELDS = [
  WORD,
  WORD,
  WORD,
  // The address and the port; an IPv6 address has colons too.
  '([^ ]*):([0-9]*)',
  '([^ ]*)[:-]([0-9]*)',
  ...Array<string>(3).fill('([-.0-9]*)'),
  '(|[-0-9]*)',
  '(-|[-0-9]*)',
  ...Array<string>(2).fill('([-0-9]*)'),
  // A request that is not HTTP is logged as `- - - `, and a URL may have spaces.
  `"([^ "]*) ${TEXT} (- |[^ "]*)"`,
  QUOTED,
  WORD,
  WORD,
  WORD,
  ...Array<string>(3).fill(QUOTED),
  '([-.0-9]*)',
  WORD,
  ...Array<string>(7).fill(QUOTED),
].join(' ');

/**
 * The regular expression of the table. It has as many groups as the table has columns: with another number,
 * Athena returns nothing but nulls. Fields that AWS added later are optional, because logs of earlier times
 * do not have them, and fields that AWS will add are ignored.
 */
export const ACCESS_LOG_REGEX = `${FIELDS}(?: ${WORD}(?: ${QUOTED} ${QUOTED} ${QUOTED})?)?(?: .*)?`;
