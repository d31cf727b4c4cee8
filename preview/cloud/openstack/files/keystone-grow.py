"""Copies a project, its role assignments and a service, in the database of a Keystone that runs: a call of the
API for each would take minutes. The next assignment by the API clears what Keystone has kept.

usage: keystone-grow.py DATABASE PROJECTS ENDPOINTS
PROJECTS is how many copies of the project `demo` there shall be, ENDPOINTS how many endpoints in all."""
import sqlite3
import sys
import uuid

MODEL, SERVICE = 'demo', 'keystone'
REGIONS, INTERFACES = 6, ('public', 'internal', 'admin')


def rows(database, table, **values):
    where = ' AND '.join(f'{name} = ?' for name in values)
    cursor = database.execute(f'SELECT * FROM {table} WHERE {where}', tuple(values.values()))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row)) for row in cursor]


def insert(database, table, row, **changed):
    row = {**row, **changed}
    database.execute(f'INSERT INTO {table} ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})',
                     tuple(row.values()))


def add_projects(database, count):
    [project] = rows(database, 'project', name=MODEL, is_domain=0)
    [user] = rows(database, 'local_user', name=MODEL)
    assignments = rows(database, 'assignment', target_id=project['id'], actor_id=user['user_id'])
    assert assignments, f'{MODEL} has no role'
    for number in range(1, count + 1):
        key = uuid.uuid4().hex
        insert(database, 'project', project, id=key, name=f'team {number:04}')
        for assignment in assignments:
            insert(database, 'assignment', assignment, target_id=key)


def add_endpoints(database, count):
    """Of services that no panel asks for, in regions of their own."""
    [service] = [row for row in rows(database, 'service', type='identity')]
    endpoint = rows(database, 'endpoint', service_id=service['id'])[0]
    [region] = rows(database, 'region', id=endpoint['region_id'])
    [[there]] = database.execute('SELECT count(*) FROM endpoint')
    for number in range(REGIONS):
        insert(database, 'region', region, id=f'region-{number + 1}')
    each = REGIONS * len(INTERFACES)
    for number in range(count - there):
        of, place = divmod(number, each)
        name, where = f'service-{of + 1}', f'region-{place % REGIONS + 1}'
        if place == 0:
            key = uuid.uuid4().hex
            insert(database, 'service', service, id=key, type=name,
                   extra=f'{{"name": "{name}", "description": ""}}')
        insert(database, 'endpoint', endpoint, id=uuid.uuid4().hex, service_id=key, region_id=where,
               interface=INTERFACES[place // REGIONS], legacy_endpoint_id=None,
               url=f'https://{name}.{where}.cloud.internal:8000/v1/%(project_id)s')


def main(file, projects, endpoints):
    database = sqlite3.connect(file, timeout=60)
    with database:
        add_projects(database, int(projects))
        add_endpoints(database, int(endpoints))
    database.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
