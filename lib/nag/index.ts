export * from './report/acknowledgement-report';
export * from './checks';
