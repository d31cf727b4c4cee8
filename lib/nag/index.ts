export * from './acknowledgement-report';
export * from './checks';
