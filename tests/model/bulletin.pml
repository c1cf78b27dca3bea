/* SPDX-License-Identifier: ISC */
/*
 * bulletin.pml - the bulletin, as keyd writes it and its clients believe it.
 *
 * One key; a client that remembers and others that ask; and two lives of keyd,
 * of which the first may be killed at any step.  From when it is over with the
 * key, which is when a change that ends it was acknowledged or any client was
 * refused, no call that begins then or later succeeds, be it answered from
 * memory or by keyd.
 *
 * What is one step here is one atomic operation or one system call of the code;
 * see generations.c, store.c, round.c and plugin/cache.c.  What a process does
 * with its own affairs goes with a step.  A call begins when it is first looked
 * at, and a question when it is received: begun any earlier, less would be
 * asked of it.  It is enough that one client remembers: of another one that
 * does, it matters to the first only that it asks and is refused.  Each macro
 * in capitals makes one mistake; run.sh knows them.
 */
#define LIVES 2
#define EXPIRES 1 /* the time at which the key ends by itself */

/* How much happens. */
#ifndef CHANGES
#define CHANGES 3 /* in the first life; in the second it is one */
#endif
#ifndef RELOADS
#define RELOADS 1 /* in each life */
#endif
#ifndef TIME
#define TIME 1 /* that passes */
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

/* The page of each life. */
byte counter[LIVES];
byte policy[LIVES];
bool alive[LIVES];

/* Of the life that there is. */
byte living = LIVES; /* LIVES: before the first */
byte settled;
bool stop_writer; /* until it is stopped */
bool stop_loop;

/* On disk.  unseen: by a commit that failed, and not to be seen before the next
   one. */
bool revoked;
bool unseen;
bool file; /* keyd.conf forbids what the clients ask for */

byte now;
bool over; /* with the key */

/* The client's question, and keyd's answer. */
mtype = { NONE, ASKED, TAKEN, ANSWERED };
mtype question = NONE;
bool late; /* when it was received, it was over with the key */
byte asked;
bool good;
bool stamped;
byte answered_by;
byte value;
byte conf;
byte length;

inline end_it(ending)
{
	if
	:: ending -> over = true
	:: else
	fi
}

/* --- the writer's thread --- */

inline touch()
{
	counter[l] = counter[l] | 1;
	touched = true
}

inline even()
{
	if
	:: counter[l] & 1 -> counter[l] = counter[l] + 1
	:: else
	fi
}

inline settle()
{
	if
	:: atomic {
		touched ->
			touched = false;
#ifdef SETTLED_AFTER_EVEN
			even()
		}
		settled++
#else
			settled++
		}
		atomic { even() }
#endif
	:: !touched
	fi
}

inline commit(ending)
{
	revoked = revoked || unseen || ending;
	unseen = false
}

/* It is not on disk; or it is, and seen now or later. */
inline commit_badly(ending)
{
	if
	:: true
	:: ending -> unseen = true
	:: ending -> revoked = true
	fi
}

inline write_well()
{
#ifdef ACKNOWLEDGED_BEFORE_COMMIT
	atomic { end_it(ends) };
#endif
#ifdef EVEN_BEFORE_COMMIT
	settle();
#endif
	atomic {
		commit(ends);
		doubt = false
	}
#ifdef ODD_AFTER_COMMIT
	atomic {
		if
		:: ends -> touch()
		:: else
		fi
	}
#endif
#ifdef ACKNOWLEDGED_BEFORE_EVEN
	atomic { end_it(ends) };
#endif
	settle();
	atomic { end_it(ends) }
}

inline write_badly()
{
	atomic {
		commit_badly(ends);
		doubt = true
	}
#ifdef FAILURE_SETTLES
	settle()
#endif
}

inline give_up()
{
#ifdef DOUBT_SETTLES
	settle()
#else
	if
	:: !doubt -> settle()
	:: doubt
	fi
#endif
}

inline change()
{
	atomic {
		changes > 0 ->
			changes--;
			if
			:: ends = true;
#ifndef ODD_AFTER_COMMIT
				touch()
#endif
			:: ends = false
			fi
	}
	if
	:: write_well()
	:: write_badly()
	:: give_up()
	fi
}

/* ends: the change is the end of the key; else it is of something else. */
proctype Writer()
{
	byte l, changes = CHANGES;
	bool ends, touched, doubt;

life:	living == l;
	{
end:		do
		:: change()
		od
	} unless {
		atomic {
			stop_writer ->
				stop_writer = false;
				l++;
				changes = 1;
				ends = false; touched = false; doubt = false;
				goto life
		}
	}
}

/* --- the loop's thread --- */

/* The client's question, or somebody else's. */
inline receive()
{
	if
	:: question == ASKED ->
		question = TAKEN;
		late = over;
		asked = now
	:: true -> other = true; other_late = over
	fi;
	left = (now < EXPIRES -> EXPIRES - now : 0)
}

/* All that is before the view goes with it: earlier would be safer. */
inline receive_and_renew_view()
{
#ifdef VIEW_BEFORE_QUESTION
	atomic { mark = settled; view = revoked };
	atomic { receive() }
#else
#ifdef MARK_AFTER_VIEW
	atomic { receive(); view = revoked };
	mark = settled
#else
	atomic { receive(); mark = settled };
	view = revoked
#endif
#endif
}

#ifdef NO_MARK
#define IS_NEWEST true
#else
#define IS_NEWEST (settled == mark)
#endif

#ifdef ODD_IS_GOOD
#define IS_EVEN true
#else
#define IS_EVEN !(seen & 1)
#endif

#define IS_REFUSED (view || forbids || left == 0)

/* Others are told at once. */
inline reply()
{
	if
	:: other && IS_REFUSED -> over = true
	:: other && !IS_REFUSED -> assert(!other_late)
	:: else ->
		good = !IS_REFUSED; stamped = same;
		answered_by = l; value = seen; conf = policy[l]; length = left;
		question = ANSWERED
	fi;
	clear()
}

inline stamp_and_reply()
{
#ifdef MARK_BEFORE_COUNTER
	same = IS_NEWEST;
	atomic {
		seen = counter[l];
		same = same && IS_EVEN;
		reply()
	}
#else
	seen = counter[l];
	atomic {
		same = IS_NEWEST && IS_EVEN;
		reply()
	}
#endif
}

inline clear()
{
	other = false; other_late = false; view = false; same = false;
	mark = 0; seen = 0; left = 0
}

/* A round serves one question: had it two, the second would be served as one
   that came after the first. */
inline serve()
{
	receive_and_renew_view();
	stamp_and_reply()
}

inline void_all()
{
#ifndef NOT_VOIDED
	policy[l]++;
#endif
	end_it(forbids)
}

inline reload()
{
	atomic {
		reloads > 0 ->
			reloads--;
			forbids = file;
#ifdef VOIDED_LATER
			pending = true
#else
			void_all()
#endif
	}
}

proctype Loop()
{
	byte l, mark, seen, left, reloads = RELOADS;
	bool forbids, other, other_late, view, same;
#ifdef VOIDED_LATER
	bool pending;
#endif

life:	atomic { living == l -> forbids = file };
	{
		do
		:: serve()
		:: reload()
#ifdef VOIDED_LATER
		:: atomic { pending -> pending = false; void_all() }
#endif
		od
	} unless {
		atomic {
			stop_loop ->
				stop_loop = false;
				l++;
				reloads = RELOADS;
				forbids = false;
				if
				:: question == TAKEN -> question = NONE
				:: else
				fi;
				clear();
				goto life
		}
	}
}

/* --- the client --- */

inline forget()
{
	kept = false; life = 0; key_value = 0; conf_value = 0; until = 0
}

inline look_at_life()
{
#ifdef ANY_PAGE
	life = living;
#endif
#ifdef DEAD_IS_GOOD
	hit = true
#else
	hit = alive[life]
#endif
}

inline look_at_the_rest()
{
	hit = hit && counter[life] == key_value;
	hit = hit && policy[life] == conf_value;
	hit = hit && now < until
}

/* What keyd said is kept under the values that keyd said. */
inline keep()
{
	kept = true;
	life = answered_by;
	key_value = value;
	conf_value = conf;
	until = asked + length;
#ifdef OWN_VALUES
	key_value = counter[life];
	conf_value = policy[life];
#endif
#ifdef COUNTED_FROM_ANSWER
	until = now + length;
#endif
}

inline take_answer()
{
	if
	:: good ->
		assert(!late);
		if
		:: stamped -> keep()
		:: else
		fi
	:: else -> over = true
	fi
}

inline put_away()
{
	question = NONE;
	late = false; asked = 0; good = false; stamped = false;
	answered_by = 0; value = 0; conf = 0; length = 0
}

/* A call that finds nothing of use in memory, and asks, is as two. */
proctype Client()
{
	byte life, key_value, conf_value, until;
	bool kept, begun_late, hit;

	do
	:: kept ->
#ifdef LOOK_BEFORE_CALL
		atomic { look_at_life() };
		look_at_the_rest();
		begun_late = over;
#else
		atomic {
			begun_late = over;
			look_at_life()
		}
		look_at_the_rest();
#endif
		atomic {
			if
			:: hit -> assert(!begun_late)
			:: else -> forget()
			fi;
			hit = false; begun_late = false
		}
	:: atomic { kept -> forget() }
	:: atomic { !kept && question == NONE -> question = ASKED }
	:: atomic {
		question == ANSWERED ->
			take_answer();
			put_away()
		}
	od
}

/* --- all around them --- */

proctype Clock()
{
	do
	:: now < TIME -> now++
	:: now == TIME -> break
	od
}

/* The first commit of a life is before it serves. */
inline begin(l)
{
#ifndef NO_FIRST_COMMIT
	atomic { commit(false) };
#endif
	d_step {
		settled = 0;
		alive[l] = true;
		living = l
	}
}

#ifdef LOCK_BEFORE_MARK
#define IS_MARKED(l) true
#else
#define IS_MARKED(l) !alive[l]
#endif

/* The threads end one by one, and the lock is free after the last of them. */
inline kill(l)
{
	do
	:: !loop_ended -> atomic { loop_ended = true; stop_loop = true }
	:: !writer_ended -> atomic { writer_ended = true; stop_writer = true }
	:: alive[l] -> alive[l] = false
	:: loop_ended && !stop_loop && writer_ended && !stop_writer &&
	    IS_MARKED(l) -> break
	od
}

proctype Host()
{
	bool loop_ended, writer_ended;

	begin(0);
	if
	:: RELOADS > 0 -> file = true
	:: true
	fi;
	DEATHS > 0;
	kill(0);
	begin(1)
}

init {
	atomic {
		run Host();
		run Clock();
		run Writer();
		run Loop();
		run Client()
	}
}
